/** What PostgreSQL calls the functions that read and write the values of a type, with their numbers. */
import type { ScalarType } from '../../data-type.js'

export interface NamedFunction {
  readonly name: string
  readonly oid: number
}

export interface TypeIo {
  /** `typname`; `anyarray` and `anyenum` stand for all arrays and enums. */
  readonly type: string
  readonly input: NamedFunction
  /** Of `input`: the text alone, or with the type and the modifier too. */
  readonly inputParameters: number
  readonly output: NamedFunction
  readonly receive: NamedFunction
  readonly send: NamedFunction
  readonly modifierInput: NamedFunction
  readonly modifierOutput: NamedFunction
  /** `typalign` */
  readonly align: string
}

/** `type input oid parameters output oid receive oid send oid typmodin oid typmodout oid align`; `-` where there is none. */
const TABLE = `
  bool boolin 1242 1 boolout 1243 boolrecv 2436 boolsend 2437 - 0 - 0 c
  bytea byteain 1244 1 byteaout 31 bytearecv 2412 byteasend 2413 - 0 - 0 i
  char charin 1245 1 charout 33 charrecv 2434 charsend 2435 - 0 - 0 c
  name namein 34 1 nameout 35 namerecv 2422 namesend 2423 - 0 - 0 c
  int8 int8in 460 1 int8out 461 int8recv 2408 int8send 2409 - 0 - 0 d
  int2 int2in 38 1 int2out 39 int2recv 2404 int2send 2405 - 0 - 0 s
  int4 int4in 42 1 int4out 43 int4recv 2406 int4send 2407 - 0 - 0 i
  regproc regprocin 44 1 regprocout 45 regprocrecv 2444 regprocsend 2445 - 0 - 0 i
  text textin 46 1 textout 47 textrecv 2414 textsend 2415 - 0 - 0 i
  oid oidin 1798 1 oidout 1799 oidrecv 2418 oidsend 2419 - 0 - 0 i
  tid tidin 48 1 tidout 49 tidrecv 2438 tidsend 2439 - 0 - 0 s
  xid xidin 50 1 xidout 51 xidrecv 2440 xidsend 2441 - 0 - 0 i
  cid cidin 52 1 cidout 53 cidrecv 2442 cidsend 2443 - 0 - 0 i
  json json_in 321 1 json_out 322 json_recv 323 json_send 324 - 0 - 0 i
  cidr cidr_in 1267 1 cidr_out 1427 cidr_recv 2498 cidr_send 2499 - 0 - 0 i
  float4 float4in 200 1 float4out 201 float4recv 2424 float4send 2425 - 0 - 0 i
  float8 float8in 214 1 float8out 215 float8recv 2426 float8send 2427 - 0 - 0 d
  unknown unknownin 109 1 unknownout 110 unknownrecv 2416 unknownsend 2417 - 0 - 0 c
  macaddr8 macaddr8_in 4110 1 macaddr8_out 4111 macaddr8_recv 3446 macaddr8_send 3447 - 0 - 0 i
  money cash_in 886 1 cash_out 887 cash_recv 2492 cash_send 2493 - 0 - 0 d
  macaddr macaddr_in 436 1 macaddr_out 437 macaddr_recv 2494 macaddr_send 2495 - 0 - 0 i
  inet inet_in 910 1 inet_out 911 inet_recv 2496 inet_send 2497 - 0 - 0 i
  aclitem aclitemin 1031 1 aclitemout 1032 - 0 - 0 - 0 - 0 i
  bpchar bpcharin 1044 3 bpcharout 1045 bpcharrecv 2430 bpcharsend 2431 bpchartypmodin 2913 bpchartypmodout 2914 i
  varchar varcharin 1046 3 varcharout 1047 varcharrecv 2432 varcharsend 2433 varchartypmodin 2915 varchartypmodout 2916 i
  date date_in 1084 1 date_out 1085 date_recv 2468 date_send 2469 - 0 - 0 i
  time time_in 1143 3 time_out 1144 time_recv 2470 time_send 2471 timetypmodin 2909 timetypmodout 2910 d
  timestamp timestamp_in 1312 3 timestamp_out 1313 timestamp_recv 2474 timestamp_send 2475 timestamptypmodin 2905 timestamptypmodout 2906 d
  timestamptz timestamptz_in 1150 3 timestamptz_out 1151 timestamptz_recv 2476 timestamptz_send 2477 timestamptztypmodin 2907 timestamptztypmodout 2908 d
  interval interval_in 1160 3 interval_out 1161 interval_recv 2478 interval_send 2479 intervaltypmodin 2903 intervaltypmodout 2904 d
  timetz timetz_in 1350 3 timetz_out 1351 timetz_recv 2472 timetz_send 2473 timetztypmodin 2911 timetztypmodout 2912 d
  bit bit_in 1564 3 bit_out 1565 bit_recv 2456 bit_send 2457 bittypmodin 2919 bittypmodout 2920 i
  varbit varbit_in 1579 3 varbit_out 1580 varbit_recv 2458 varbit_send 2459 varbittypmodin 2902 varbittypmodout 2921 i
  numeric numeric_in 1701 3 numeric_out 1702 numeric_recv 2460 numeric_send 2461 numerictypmodin 2917 numerictypmodout 2918 i
  refcursor textin 46 1 textout 47 textrecv 2414 textsend 2415 - 0 - 0 i
  regprocedure regprocedurein 2212 1 regprocedureout 2213 regprocedurerecv 2446 regproceduresend 2447 - 0 - 0 i
  regoper regoperin 2214 1 regoperout 2215 regoperrecv 2448 regopersend 2449 - 0 - 0 i
  regoperator regoperatorin 2216 1 regoperatorout 2217 regoperatorrecv 2450 regoperatorsend 2451 - 0 - 0 i
  regclass regclassin 2218 1 regclassout 2219 regclassrecv 2452 regclasssend 2453 - 0 - 0 i
  regtype regtypein 2220 1 regtypeout 2221 regtyperecv 2454 regtypesend 2455 - 0 - 0 i
  cstring cstring_in 2292 1 cstring_out 2293 cstring_recv 2500 cstring_send 2501 - 0 - 0 c
  void void_in 2298 1 void_out 2299 void_recv 3120 void_send 3121 - 0 - 0 i
  uuid uuid_in 2952 1 uuid_out 2953 uuid_recv 2961 uuid_send 2962 - 0 - 0 c
  pg_lsn pg_lsn_in 3229 1 pg_lsn_out 3230 pg_lsn_recv 3238 pg_lsn_send 3239 - 0 - 0 d
  jsonb jsonb_in 3806 1 jsonb_out 3804 jsonb_recv 3805 jsonb_send 3803 - 0 - 0 i
  jsonpath jsonpath_in 4001 1 jsonpath_out 4003 jsonpath_recv 4002 jsonpath_send 4004 - 0 - 0 i
  regnamespace regnamespacein 4084 1 regnamespaceout 4085 regnamespacerecv 4087 regnamespacesend 4088 - 0 - 0 i
  regrole regrolein 4098 1 regroleout 4092 regrolerecv 4094 regrolesend 4095 - 0 - 0 i
  xid8 xid8in 5070 1 xid8out 5081 xid8recv 5082 xid8send 5083 - 0 - 0 d
  int2vector int2vectorin 40 1 int2vectorout 41 int2vectorrecv 2410 int2vectorsend 2411 - 0 - 0 i
  oidvector oidvectorin 54 1 oidvectorout 55 oidvectorrecv 2420 oidvectorsend 2421 - 0 - 0 i
  anyarray array_in 750 3 array_out 751 array_recv 2400 array_send 2401 - 0 - 0 d
  anyrange range_in 3834 3 range_out 3835 range_recv 3836 range_send 3837 - 0 - 0 i
  anymultirange multirange_in 4231 3 multirange_out 4232 multirange_recv 4233 multirange_send 4234 - 0 - 0 i
  anyenum enum_in 3506 2 enum_out 3507 enum_recv 3532 enum_send 3533 - 0 - 0 i
  record record_in 2290 3 record_out 2291 record_recv 2402 record_send 2403 - 0 - 0 d
`

export const TYPE_IO: ReadonlyMap<string, TypeIo> = new Map(
  TABLE.trim()
    .split('\n')
    .map((line) => {
      const words = line.trim().split(' ')
      const named = (at: number): NamedFunction => ({ name: words[at] ?? '-', oid: Number(words[at + 1]) })
      const [type = '', , , parameters, , , , , , , , , , , align = 'i'] = words
      return [
        type,
        {
          type,
          input: named(1),
          inputParameters: Number(parameters),
          output: named(4),
          receive: named(6),
          send: named(8),
          modifierInput: named(10),
          modifierOutput: named(12),
          align,
        },
      ] as const
    }),
)

export function ioOf(type: ScalarType): TypeIo | undefined {
  const known = TYPE_IO.get(type.name)
  if (known !== undefined) return known
  if (type.fields !== undefined) return TYPE_IO.get('record')
  if (type.subtype !== undefined) return TYPE_IO.get('anyrange')
  if (type.range !== undefined) return TYPE_IO.get('anymultirange')
  if (type.labels !== undefined) return TYPE_IO.get('anyenum')
  return type.element === undefined ? undefined : TYPE_IO.get('anyarray')
}
