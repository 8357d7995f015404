"""What psycopg does against a server: `main.py URL CA_FILE`. Prints one line of JSON for each step: [name, result]."""

import decimal
import json
import sys
import threading
import uuid
from datetime import date, datetime, timedelta, timezone

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

url, ca_file = sys.argv[1:3]


def show(name, result):
    print(json.dumps([name, result], default=str), flush=True)


def error_of(work):
    try:
        work()
    except psycopg.Error as error:
        diag = error.diag
        return [type(error).__name__, diag.sqlstate, diag.constraint_name, diag.table_name, diag.column_name]
    return None


def schema(connection):
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS py_items, py_owners")
        cursor.execute("CREATE TABLE py_owners (id serial PRIMARY KEY, name text NOT NULL UNIQUE)")
        cursor.execute(
            """CREATE TABLE py_items (
                 id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                 owner int NOT NULL REFERENCES py_owners ON DELETE CASCADE,
                 price numeric(10,2) CHECK (price > 0), at timestamptz, day date, span interval,
                 data jsonb, tags text[], raw bytea, key uuid, yes bool, small int2, real float4, wide float8)"""
        )
        show("schema", cursor.statusmessage)


def crud(connection):
    with connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute("INSERT INTO py_owners (name) VALUES (%s), (%s) RETURNING id, name", ("ann", "bob"))
        show("insert returning", cursor.fetchall())
        cursor.execute("UPDATE py_owners SET name = upper(name) WHERE name = %s", ("ann",))
        show("update", cursor.rowcount)
        cursor.execute("DELETE FROM py_owners WHERE name = %(name)s", {"name": "bob"})
        show("delete", cursor.rowcount)
        cursor.execute("SELECT count(*) AS n FROM py_owners")
        show("select", cursor.fetchone())


def types(connection):
    values = (
        1,
        decimal.Decimal("12.50"),
        datetime(2024, 2, 29, 12, 30, 15, 123456, tzinfo=timezone.utc),
        date(2024, 2, 29),
        timedelta(days=3, hours=4),
        Jsonb({"a": [1, 2.5, None, "x"]}),
        ["a", "b,c", 'd"e'],
        b"\x00\x01\xff",
        uuid.UUID("12345678-1234-5678-1234-567812345678"),
        True,
        -7,
        1.5,
        -2.25,
    )
    columns = "owner, price, at, day, span, data, tags, raw, key, yes, small, real, wide"
    marks = ", ".join(["%s"] * len(values))
    for binary in (False, True):
        with connection.cursor(binary=binary) as cursor:
            cursor.execute(f"INSERT INTO py_items ({columns}) VALUES ({marks.replace('%s', '%b') if binary else marks})", values)
            cursor.execute(f"SELECT {columns} FROM py_items ORDER BY id DESC LIMIT 1")
            row = list(cursor.fetchone())
            row[2] = row[2].astimezone(timezone.utc)
            row[7] = bytes(row[7]).hex()
            show(f"types {'binary' if binary else 'text'}", row)


def transactions(connection):
    with connection.transaction():
        connection.execute("INSERT INTO py_owners (name) VALUES ('kept')")
        try:
            with connection.transaction():
                connection.execute("INSERT INTO py_owners (name) VALUES ('undone')")
                raise ValueError("undo")
        except ValueError:
            pass
    show("savepoints", [row[0] for row in connection.execute("SELECT name FROM py_owners ORDER BY id").fetchall()])


def prepared(connection):
    for number in range(7):
        row = connection.execute("SELECT %s::int * 2", (number,), prepare=True).fetchone()
    show("prepared", row[0])
    show("prepared statements", connection.execute("SELECT count(*) > 0 FROM pg_prepared_statements").fetchone()[0])


def errors(connection):
    show("unique", error_of(lambda: connection.execute("INSERT INTO py_owners (name) VALUES ('kept')")))
    show("not null", error_of(lambda: connection.execute("INSERT INTO py_owners (name) VALUES (NULL)")))
    show("check", error_of(lambda: connection.execute("INSERT INTO py_items (owner, price) VALUES (1, -1)")))
    show("foreign key", error_of(lambda: connection.execute("INSERT INTO py_items (owner) VALUES (999)")))
    show("syntax", error_of(lambda: connection.execute("SELEC 1")))
    show("no table", error_of(lambda: connection.execute("SELECT * FROM py_nothing")))
    show("division", error_of(lambda: connection.execute("SELECT 1 / 0")))
    show("text", error_of(lambda: connection.execute("SELECT %s::int", ("x",))))


def copying(connection):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE py_copy (id int, name text, at date)")
        with cursor.copy("COPY py_copy FROM STDIN") as copy:
            copy.write_row((1, "a\tb", date(2024, 1, 1)))
            copy.write_row((2, None, None))
        with cursor.copy("COPY py_copy FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["int4", "text", "date"])
            copy.write_row((3, "drei", date(2024, 3, 3)))
        with cursor.copy("COPY py_copy TO STDOUT") as copy:
            show("copy out", [list(row) for row in copy.rows()])
        with cursor.copy("COPY py_copy TO STDOUT (FORMAT BINARY)") as copy:
            copy.set_types(["int4", "text", "date"])
            show("copy out binary", [list(row) for row in copy.rows()])
        with cursor.copy("COPY py_copy TO STDOUT (FORMAT CSV, HEADER)") as copy:
            show("copy out csv", b"".join(bytes(data) for data in copy).decode())

        def bad():
            with cursor.copy("COPY py_copy FROM STDIN") as copy:
                copy.write("x\ty\tz\n")

        show("copy error", error_of(bad))
        show("after copy error", connection.execute("SELECT count(*) FROM py_copy").fetchone()[0])


def pipelines(connection):
    with connection.pipeline() as pipeline:
        first = connection.execute("SELECT 1")
        second = connection.execute("SELECT 2")
        pipeline.sync()
        show("pipeline", [first.fetchone()[0], second.fetchone()[0]])
    results = []

    def failing():
        with connection.pipeline():
            results.append(connection.execute("SELECT 1"))
            results.append(connection.execute("SELECT 1 / 0"))
            results.append(connection.execute("SELECT 3"))

    show("pipeline error", error_of(failing))
    show("after pipeline", connection.execute("SELECT 4").fetchone()[0])


def cursors(connection):
    with connection.transaction():
        with connection.cursor(name="py_cursor", scrollable=True) as cursor:
            cursor.execute("SELECT generate_series(1, 10)")
            show("cursor", [row[0] for row in cursor.fetchmany(3)])
            cursor.scroll(2)
            show("scrolled", cursor.fetchone()[0])


def cancelling(connection):
    timer = threading.Timer(0.2, connection.cancel)
    timer.start()
    show("cancel", error_of(lambda: connection.execute("SELECT pg_sleep(60)")))
    timer.join()
    show("after cancel", connection.execute("SELECT 1").fetchone()[0])


def notifications(connection):
    connection.execute("LISTEN py_channel")
    with psycopg.connect(url, autocommit=True) as other:
        other.execute("SELECT pg_notify('py_channel', 'hello')")
    for notify in connection.notifies(timeout=10, stop_after=1):
        show("notify", [notify.channel, notify.payload])


def secured():
    with psycopg.connect(url, sslmode="verify-full", sslrootcert=ca_file, host="localhost") as connection:
        show("tls", connection.pgconn.ssl_in_use)


with psycopg.connect(url, autocommit=True) as connection:
    connection.execute("SET TIME ZONE 'UTC'")
    schema(connection)
    crud(connection)
    types(connection)
    transactions(connection)
    prepared(connection)
    errors(connection)
    copying(connection)
    pipelines(connection)
    cursors(connection)
    cancelling(connection)
    notifications(connection)
secured()
