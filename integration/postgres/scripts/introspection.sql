-- What object-relational mappers and database browsers ask of the catalogs: each construct that they need, once.
CREATE TYPE size AS ENUM ('small', 'large');
CREATE TABLE makers (id serial PRIMARY KEY, label varchar(50) NOT NULL UNIQUE, since date, size size DEFAULT 'small', tags text[], rate numeric(8, 2) DEFAULT 0.5, made timestamptz NOT NULL DEFAULT now());
CREATE TABLE things (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, maker int NOT NULL REFERENCES makers ON DELETE CASCADE ON UPDATE SET NULL, title text NOT NULL CHECK (length(title) > 0), weight int, code char(13), CONSTRAINT thing_title UNIQUE (maker, title));
CREATE INDEX thing_weight ON things (weight DESC NULLS LAST) WHERE weight > 10;
CREATE INDEX thing_lower ON things (lower(title));
CREATE VIEW heavy AS SELECT title, weight FROM things WHERE weight > 300;
COMMENT ON TABLE things IS 'All of them';
COMMENT ON COLUMN things.title IS 'Its name';
-- Columns, with defaults, comments, identities and collations.
SELECT k.relname, f.attname, format_type(f.atttypid, f.atttypmod), f.attnotnull, (SELECT pg_get_expr(v.adbin, v.adrelid) FROM pg_attrdef v WHERE v.adrelid = f.attrelid AND v.adnum = f.attnum), col_description(f.attrelid, f.attnum), f.attidentity, f.attgenerated, CASE WHEN o.collname <> 'default' THEN o.collname END FROM pg_attribute f JOIN pg_class k ON k.oid = f.attrelid LEFT JOIN pg_collation o ON o.oid = f.attcollation WHERE k.relname IN ('makers', 'things') AND f.attnum > 0 AND NOT f.attisdropped ORDER BY 1, f.attnum;
SELECT f.attname, (SELECT json_build_object('from', q.seqstart, 'step', q.seqincrement, 'last', q.seqmax) FROM pg_sequence q WHERE q.seqrelid = pg_get_serial_sequence(f.attrelid::regclass::text, f.attname)::regclass::oid) FROM pg_attribute f WHERE f.attrelid = 'things'::regclass AND f.attidentity <> '';
SELECT column_name, (('"' || udt_schema || '"."' || udt_name || '"')::regtype)::text, character_maximum_length, numeric_precision, numeric_scale, datetime_precision FROM information_schema.columns WHERE table_name = 'makers' ORDER BY ordinal_position;
-- Keys and indexes, column by column.
SELECT g.conname, array_agg(f.attname::text ORDER BY g.place) FROM (SELECT conname, conrelid, unnest(conkey) AS number, generate_subscripts(conkey, 1) AS place FROM pg_constraint WHERE contype IN ('p', 'u') AND conrelid IN ('makers'::regclass, 'things'::regclass)) g JOIN pg_attribute f ON f.attrelid = g.conrelid AND f.attnum = g.number GROUP BY g.conname ORDER BY 1;
SELECT (information_schema._pg_expandarray(x.indkey)).n AS place, (information_schema._pg_expandarray(x.indkey)).x AS number FROM pg_index x WHERE x.indrelid = 'things'::regclass AND x.indisunique ORDER BY x.indexrelid::regclass::text, 1;
SELECT f.attname FROM pg_attribute f JOIN (SELECT indrelid, (information_schema._pg_expandarray(indkey)) AS part FROM pg_index WHERE indisprimary) x ON x.indrelid = f.attrelid AND f.attnum = (x.part).x WHERE f.attrelid = 'makers'::regclass;
SELECT n.relname, x.indisunique, ARRAY(SELECT pg_get_indexdef(x.indexrelid, at + 1, true) FROM generate_subscripts(x.indkey, 1) AS at ORDER BY at), pg_get_expr(x.indpred, x.indrelid), x.indoption[0] & 1 FROM pg_index x JOIN pg_class n ON n.oid = x.indexrelid WHERE x.indrelid = 'things'::regclass ORDER BY 1;
SELECT u.place, u.number, u.flags FROM pg_index x, unnest(x.indkey, x.indoption) WITH ORDINALITY AS u (number, flags, place) WHERE x.indexrelid = 'thing_title'::regclass ORDER BY 1;
SELECT k.conname, l.relname, r.relname, pairs.place, a.attname, b.attname, k.confdeltype, k.confupdtype FROM pg_constraint k JOIN pg_class l ON l.oid = k.conrelid JOIN pg_class r ON r.oid = k.confrelid, LATERAL unnest(k.conkey, k.confkey) WITH ORDINALITY AS pairs (own, other, place) JOIN pg_attribute a ON a.attnum = pairs.own JOIN pg_attribute b ON b.attnum = pairs.other WHERE k.contype = 'f' AND a.attrelid = k.conrelid AND b.attrelid = k.confrelid ORDER BY 1, 4;
SELECT conname, pg_get_constraintdef(oid, true), pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'things'::regclass ORDER BY 1;
SELECT y.constraint_name, y.update_rule, y.delete_rule, y.unique_constraint_name, y.match_option FROM information_schema.referential_constraints y ORDER BY 1;
-- Which sequence belongs to which column.
SELECT s.relname, f.attname FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S' JOIN pg_attribute f ON f.attrelid = d.refobjid AND f.attnum = d.refobjsubid WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass ORDER BY 1;
SELECT * FROM pg_sequence_parameters('makers_id_seq'::regclass);
SELECT s.sequencename, s.start_value, s.increment_by, s.cycle, s.cache_size FROM pg_sequences s ORDER BY 1;
-- Types, with what reads and writes them.
SELECT t.typname, t.typinput::text, t.typoutput::text, t.typreceive::text, t.typsend::text, t.typmodin::text, t.typalign, t.typlen, t.typcategory, t.typtype, t.typelem, t.typarray FROM pg_type t WHERE t.typname IN ('bool', 'int4', 'text', 'varchar', 'numeric', 'timestamptz', 'uuid', 'jsonb', '_int4', 'bit', 'varbit', 'inet', 'cidr', 'macaddr', 'macaddr8', 'money', 'int4range', 'int4multirange', '_int4range', 'oidvector') ORDER BY 1;
SELECT t.typname, t.typinput = 'array_in'::regproc FROM pg_type t WHERE t.typname IN ('_text', 'text', '_numeric') ORDER BY 1;
SELECT r.rngtypid::regtype, r.rngsubtype::regtype, r.rngmultitypid::regtype FROM pg_range r ORDER BY r.rngtypid;
SELECT t.typname, array_agg(e.enumlabel::text ORDER BY e.enumsortorder) FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid GROUP BY 1;
SELECT p.proname, a.aggkind, a.aggnumdirectargs FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid WHERE p.proname IN ('count', 'mode', 'rank', 'string_agg') ORDER BY p.oid;
SELECT 'sum(integer)'::regprocedure, 'now()'::regprocedure, to_regprocedure('nope(int)'), 'now'::regproc;
SELECT 'nope(int)'::regprocedure;
SELECT 'lower'::regproc;
-- Who may do what.
CREATE ROLE introspecting;
GRANT SELECT, UPDATE ON things TO introspecting;
GRANT INSERT ON things TO introspecting WITH GRANT OPTION;
SELECT g.privilege_type, g.is_grantable FROM pg_class k, aclexplode(k.relacl) g WHERE k.relname = 'things' AND g.grantee = 'introspecting'::regrole ORDER BY 1;
SELECT pg_typeof(relacl), cardinality(relacl) > 1 FROM pg_class WHERE relname = 'things';
SELECT makeaclitem('introspecting'::regrole, 'introspecting'::regrole, 'SELECT, INSERT', false), acldefault('r', 'introspecting'::regrole), acldefault('f', 'introspecting'::regrole), acldefault('d', 'introspecting'::regrole);
SELECT 'introspecting=r*w/introspecting'::aclitem, '=r/introspecting'::aclitem = '=r/introspecting'::aclitem;
SELECT 'introspecting=q/introspecting'::aclitem;
SELECT 'nobody_here=r/introspecting'::aclitem;
SELECT privilege_type, is_grantable FROM information_schema.role_table_grants WHERE table_name = 'things' AND grantee = 'introspecting' ORDER BY 1;
DROP OWNED BY introspecting;
DROP ROLE introspecting;
-- The server and the session.
SELECT pg_is_in_recovery(), pg_relation_is_updatable('things'::regclass, true), pg_column_is_updatable('things'::regclass, 3::smallint, false), pg_relation_is_updatable('heavy'::regclass, false);
SELECT pg_is_wal_replay_paused();
SELECT count(*) FROM pg_show_all_settings() WHERE name = 'bytea_output';
SELECT name, abbrev, utc_offset, is_dst FROM pg_timezone_names WHERE name IN ('UTC', 'Asia/Tokyo', 'Etc/GMT+5') ORDER BY 1;
SELECT abbrev, utc_offset, is_dst FROM pg_timezone_abbrevs WHERE abbrev IN ('EST', 'PDT', 'UTC', 'CEST') ORDER BY 1;
SET standard_conforming_strings = on;
SET parallel_setup_cost = 100;
SET TIME ZONE '+02:00';
SHOW timezone;
SELECT timestamptz '2020-01-01 00:00Z';
RESET timezone;
-- The same bytes and the same hashes.
SELECT int4send(5), int8send(5), textsend('ab'), boolsend(true), float8send(1.5), numeric_send(1.5), uuid_send('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'), date_send('2020-01-01'), jsonb_send('1'), array_send('{1,2}'::int[]), interval_send('1 day');
SELECT hashtext('abc'), hashint4(42), hashint8(42), hashfloat8(1.5), hashbpchar('a '::char(3)), hashname('abc'::name), hash_numeric(1.50), hash_array('{1,2}'::int[]), hashtextextended('abc', 5), uuid_hash('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11');
SELECT pg_column_size(1), pg_column_size('abc'::text), pg_column_size(1.5::numeric), pg_column_size(NULL::text), pg_column_size('{1,2}'::int[]);
