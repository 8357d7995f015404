/** See parseAggregateAnswers for the form. */
export const aggregatesAnswers = String.raw`
array_agg(_int4)
  {1,2}‖{3,4} → {{1,2},{3,4}}
  {1,2}‖{3} → !2202E cannot accumulate arrays of different dimensionality
  {1}‖\N → !22004 cannot accumulate null arrays
  {} → !2202E cannot accumulate empty arrays
array_agg(int4)
  1‖\N‖3 → {1,NULL,3}
  ∅ → \N
array_agg(text)
  a b‖\N → {"a b",NULL}
avg(float4)
  1.5‖-2.25‖\N‖1e10‖0.1‖0.2‖3 → 1666666667.091667
  5 → 5
  ∅ → \N
  NaN‖1 → NaN
  Infinity‖1 → Infinity
  Infinity‖-Infinity → NaN
  3‖3‖3 → 3
avg(float8)
  1.5‖-2.25‖\N‖1e10‖0.1‖0.2‖3 → 1666666667.091667
  5 → 5
  ∅ → \N
  NaN‖1 → NaN
  Infinity‖1 → Infinity
  Infinity‖-Infinity → NaN
  3‖3‖3 → 3
  1e308‖1e308 → !22003 value out of range: overflow
avg(int2)
  1‖2‖-7‖\N‖2‖32000‖5 → 5333.8333333333333333
  5 → 5.0000000000000000
  ∅ → \N
  \N → \N
  3‖3‖3 → 3.0000000000000000
  1‖2 → 1.5000000000000000
avg(int4)
  1‖2‖-7‖\N‖2‖32000‖5 → 5333.8333333333333333
  5 → 5.0000000000000000
  ∅ → \N
  \N → \N
  3‖3‖3 → 3.0000000000000000
  1‖2 → 1.5000000000000000
avg(int8)
  1‖2‖-7‖\N‖2‖32000‖5 → 5333.8333333333333333
  5 → 5.0000000000000000
  ∅ → \N
  \N → \N
  3‖3‖3 → 3.0000000000000000
  1‖2 → 1.5000000000000000
  9223372036854775807‖9223372036854775807‖-5‖\N‖3 → 4611686018427387903
avg(interval)
  1 day‖2 hours‖1 mon 3 days‖\N → 11 days 08:40:00
  1 mon → 1 mon
  ∅ → \N
avg(numeric)
  1.50‖-2.25‖\N‖1234567890123456789.123‖0.1‖7 → 246913578024691359.095
  5.0 → 5.0000000000000000
  ∅ → \N
  NaN‖1 → NaN
  Infinity‖1 → Infinity
  Infinity‖-Infinity → NaN
  3‖3‖3 → 3.0000000000000000
  0.001‖0.0020 → 0.00150000000000000000
  1e-10‖1e10 → 5000000000.0000000001
  1‖2‖4‖8 → 3.7500000000000000
bit_and(int2)
  1‖2‖-7‖\N‖2‖32000‖5 → 0
  5 → 5
  ∅ → \N
  \N → \N
  3‖3‖3 → 3
  1‖2 → 0
bit_and(int4)
  1‖2‖-7‖\N‖2‖32000‖5 → 0
  5 → 5
  ∅ → \N
  \N → \N
  3‖3‖3 → 3
  1‖2 → 0
bit_and(int8)
  1‖2‖-7‖\N‖2‖32000‖5 → 0
  5 → 5
  ∅ → \N
  \N → \N
  3‖3‖3 → 3
  1‖2 → 0
bit_or(int2)
  1‖2‖-7‖\N‖2‖32000‖5 → -1
  5 → 5
  ∅ → \N
  \N → \N
  3‖3‖3 → 3
  1‖2 → 3
bit_or(int4)
  1‖2‖-7‖\N‖2‖32000‖5 → -1
  5 → 5
  ∅ → \N
  \N → \N
  3‖3‖3 → 3
  1‖2 → 3
bit_or(int8)
  1‖2‖-7‖\N‖2‖32000‖5 → -1
  5 → 5
  ∅ → \N
  \N → \N
  3‖3‖3 → 3
  1‖2 → 3
bit_xor(int2)
  1‖2‖-7‖\N‖2‖32000‖5 → -32003
  5 → 5
  ∅ → \N
  \N → \N
  3‖3‖3 → 3
  1‖2 → 3
bit_xor(int4)
  1‖2‖-7‖\N‖2‖32000‖5 → -32003
  5 → 5
  ∅ → \N
  \N → \N
  3‖3‖3 → 3
  1‖2 → 3
bit_xor(int8)
  1‖2‖-7‖\N‖2‖32000‖5 → -32003
  5 → 5
  ∅ → \N
  \N → \N
  3‖3‖3 → 3
  1‖2 → 3
bool_and(bool)
  t‖f‖\N → f
  t → t
  f → f
  ∅ → \N
  \N → \N
bool_or(bool)
  t‖f‖\N → t
  t → t
  f → f
  ∅ → \N
  \N → \N
corr(float8,float8)
  1¦2‖2¦4.5‖3¦5‖\N¦1‖4¦9 → 0.9579237266113428
  ∅ → \N
  1¦1 → \N
  1¦1‖2¦1 → \N
  1¦1‖1¦2 → \N
  NaN¦1‖1¦2 → NaN
  Infinity¦1‖1¦2‖3¦4 → NaN
  1e200¦1‖-1e200¦5 → !22003 value out of range: overflow
count(int4)
  1‖\N‖3 → 2
  ∅ → 0
  \N → 0
covar_pop(float8,float8)
  1¦2‖2¦4.5‖3¦5‖\N¦1‖4¦9 → 2.6875
  ∅ → \N
  1¦1 → 0
  1¦1‖2¦1 → 0
  1¦1‖1¦2 → 0
  NaN¦1‖1¦2 → NaN
  Infinity¦1‖1¦2‖3¦4 → NaN
  1e200¦1‖-1e200¦5 → !22003 value out of range: overflow
covar_samp(float8,float8)
  1¦2‖2¦4.5‖3¦5‖\N¦1‖4¦9 → 3.5833333333333335
  ∅ → \N
  1¦1 → \N
  1¦1‖2¦1 → 0
  1¦1‖1¦2 → 0
  NaN¦1‖1¦2 → NaN
  Infinity¦1‖1¦2‖3¦4 → NaN
  1e200¦1‖-1e200¦5 → !22003 value out of range: overflow
cume_dist(int4,int4)
  0¦1‖0¦2‖0¦2‖0¦4‖0¦5‖0¦\N → 0.14285714285714285
  2¦1‖2¦2‖2¦2‖2¦4‖2¦5‖2¦\N → 0.5714285714285714
  3¦1‖3¦2‖3¦2‖3¦4‖3¦5‖3¦\N → 0.5714285714285714
  9¦1‖9¦2‖9¦2‖9¦4‖9¦5‖9¦\N → 0.8571428571428571
dense_rank(int4,int4)
  0¦1‖0¦2‖0¦2‖0¦4‖0¦5‖0¦\N → 1
  2¦1‖2¦2‖2¦2‖2¦4‖2¦5‖2¦\N → 2
  3¦1‖3¦2‖3¦2‖3¦4‖3¦5‖3¦\N → 3
  9¦1‖9¦2‖9¦2‖9¦4‖9¦5‖9¦\N → 5
every(bool)
  t‖f‖\N → f
  t → t
  f → f
  ∅ → \N
  \N → \N
json_agg(_int4)
  {1,2}‖\N‖{3} → [[1,2], null, \n [3]]
json_agg(int4)
  1‖\N‖3 → [1, null, 3]
  ∅ → \N
json_agg(json)
  {"a" : 1} → [{"a" : 1}]
json_agg(text)
  a"‖\N → ["a\"", null]
json_agg(timestamp)
  2020-01-01 → ["2020-01-01T00:00:00"]
json_object_agg(int4,_int4)
  1¦{1,2} → { "1" : [1,2] }
json_object_agg(text,int4)
  a¦1‖b¦\N‖a¦3 → { "a" : 1, "b" : null, "a" : 3 }
  \N¦1 → !22023 field name must not be null
  ∅ → \N
jsonb_agg(int4)
  1‖\N → [1, null]
  ∅ → \N
jsonb_agg(jsonb)
  {"a":1}‖null → [{"a": 1}, null]
jsonb_object_agg(int4,_int4)
  1¦{1,2} → {"1": [1, 2]}
jsonb_object_agg(text,int4)
  a¦1‖b¦\N‖a¦3 → {"a": 3, "b": null}
  \N¦1 → !22023 field name must not be null
  ∅ → \N
max(_int4)
  {1,2}‖{1}‖{2} → {2}
max(bpchar)
  a ‖b → b
max(date)
  2020-01-01‖infinity‖1999-01-01 → infinity
max(float4)
  1.5‖-2.25‖\N‖1e10‖0.1‖0.2‖3 → 1e+10
  5 → 5
  ∅ → \N
  NaN‖1 → NaN
  Infinity‖1 → Infinity
  Infinity‖-Infinity → Infinity
  3‖3‖3 → 3
max(float8)
  1.5‖-2.25‖\N‖1e10‖0.1‖0.2‖3 → 10000000000
  5 → 5
  ∅ → \N
  NaN‖1 → NaN
  Infinity‖1 → Infinity
  Infinity‖-Infinity → Infinity
  3‖3‖3 → 3
max(int2)
  1‖2‖-7‖\N‖2‖32000‖5 → 32000
  5 → 5
  ∅ → \N
  \N → \N
  3‖3‖3 → 3
  1‖2 → 2
max(int4)
  1‖2‖-7‖\N‖2‖32000‖5 → 32000
  5 → 5
  ∅ → \N
  \N → \N
  3‖3‖3 → 3
  1‖2 → 2
max(int8)
  1‖2‖-7‖\N‖2‖32000‖5 → 32000
  5 → 5
  ∅ → \N
  \N → \N
  3‖3‖3 → 3
  1‖2 → 2
  9223372036854775807‖9223372036854775807‖-5‖\N‖3 → 9223372036854775807
max(interval)
  1 day‖25 hours‖30 days‖1 mon → 1 mon
max(numeric)
  1.50‖-2.25‖\N‖1234567890123456789.123‖0.1‖7 → 1234567890123456789.123
  5.0 → 5.0
  ∅ → \N
  NaN‖1 → NaN
  Infinity‖1 → Infinity
  Infinity‖-Infinity → Infinity
  3‖3‖3 → 3
  0.001‖0.0020 → 0.0020
  1e-10‖1e10 → 10000000000
  1‖2‖4‖8 → 8
max(oid)
  3‖1 → 3
max(text)
  b‖a‖\N‖C → b
max(time)
  01:00‖02:00 → 02:00:00
max(timestamp)
  2020-01-01‖1999-01-01 → 2020-01-01 00:00:00
max(timetz)
  01:00+00‖01:00+01 → 01:00:00+00
min(_int4)
  {1,2}‖{1}‖{2} → {1}
min(bpchar)
  a ‖b → a 
min(date)
  2020-01-01‖infinity‖1999-01-01 → 1999-01-01
min(float4)
  1.5‖-2.25‖\N‖1e10‖0.1‖0.2‖3 → -2.25
  5 → 5
  ∅ → \N
  NaN‖1 → 1
  Infinity‖1 → 1
  Infinity‖-Infinity → -Infinity
  3‖3‖3 → 3
min(float8)
  1.5‖-2.25‖\N‖1e10‖0.1‖0.2‖3 → -2.25
  5 → 5
  ∅ → \N
  NaN‖1 → 1
  Infinity‖1 → 1
  Infinity‖-Infinity → -Infinity
  3‖3‖3 → 3
min(int2)
  1‖2‖-7‖\N‖2‖32000‖5 → -7
  5 → 5
  ∅ → \N
  \N → \N
  3‖3‖3 → 3
  1‖2 → 1
min(int4)
  1‖2‖-7‖\N‖2‖32000‖5 → -7
  5 → 5
  ∅ → \N
  \N → \N
  3‖3‖3 → 3
  1‖2 → 1
min(int8)
  1‖2‖-7‖\N‖2‖32000‖5 → -7
  5 → 5
  ∅ → \N
  \N → \N
  3‖3‖3 → 3
  1‖2 → 1
  9223372036854775807‖9223372036854775807‖-5‖\N‖3 → -5
min(interval)
  1 day‖25 hours‖30 days‖1 mon → 1 day
min(numeric)
  1.50‖-2.25‖\N‖1234567890123456789.123‖0.1‖7 → -2.25
  5.0 → 5.0
  ∅ → \N
  NaN‖1 → 1
  Infinity‖1 → 1
  Infinity‖-Infinity → -Infinity
  3‖3‖3 → 3
  0.001‖0.0020 → 0.001
  1e-10‖1e10 → 0.0000000001
  1‖2‖4‖8 → 1
min(oid)
  3‖1 → 1
min(text)
  b‖a‖\N‖C → C
min(time)
  01:00‖02:00 → 01:00:00
min(timestamp)
  2020-01-01‖1999-01-01 → 1999-01-01 00:00:00
min(timetz)
  01:00+00‖01:00+01 → 01:00:00+01
mode(int4)
  1‖1‖2‖2‖3‖\N → 1
  ∅ → \N
mode(text)
  a‖b‖b → b
percent_rank(int4,int4)
  0¦1‖0¦2‖0¦2‖0¦4‖0¦5‖0¦\N → 0
  2¦1‖2¦2‖2¦2‖2¦4‖2¦5‖2¦\N → 0.16666666666666666
  3¦1‖3¦2‖3¦2‖3¦4‖3¦5‖3¦\N → 0.5
  9¦1‖9¦2‖9¦2‖9¦4‖9¦5‖9¦\N → 0.8333333333333334
percentile_cont(_float8,float8)
  {0,0.5,NULL,1}¦0.1‖{0,0.5,NULL,1}¦1.5‖{0,0.5,NULL,1}¦2‖{0,0.5,NULL,1}¦3‖{0,0.5,NULL,1}¦10‖{0,0.5,NULL,1}¦\N → {0.1,2,NULL,10}
percentile_cont(_float8,interval)
  {0.25,0.5}¦1 day‖{0.25,0.5}¦2 days → {"1 day 06:00:00","1 day 12:00:00"}
percentile_cont(float8,float8)
  0¦0.1‖0¦1.5‖0¦2‖0¦3‖0¦10‖0¦\N → 0.1
  0.25¦0.1‖0.25¦1.5‖0.25¦2‖0.25¦3‖0.25¦10‖0.25¦\N → 1.5
  0.5¦0.1‖0.5¦1.5‖0.5¦2‖0.5¦3‖0.5¦10‖0.5¦\N → 2
  0.9¦0.1‖0.9¦1.5‖0.9¦2‖0.9¦3‖0.9¦10‖0.9¦\N → 7.200000000000001
  1¦0.1‖1¦1.5‖1¦2‖1¦3‖1¦10‖1¦\N → 10
  -0.1¦0.1‖-0.1¦1.5‖-0.1¦2‖-0.1¦3‖-0.1¦10‖-0.1¦\N → !22003 percentile value -0.1 is not between 0 and 1
  1.5¦0.1‖1.5¦1.5‖1.5¦2‖1.5¦3‖1.5¦10‖1.5¦\N → !22003 percentile value 1.5 is not between 0 and 1
  \N¦0.1‖\N¦1.5‖\N¦2‖\N¦3‖\N¦10‖\N¦\N → \N
  ∅ → \N
percentile_cont(float8,interval)
  0.5¦1 day‖0.5¦2 days 12 hours → 1 day 18:00:00
percentile_disc(_float8,int4)
  {{0,0.5},{0.75,1}}¦1‖{{0,0.5},{0.75,1}}¦2‖{{0,0.5},{0.75,1}}¦3 → {{1,2},{3,3}}
percentile_disc(float8,float8)
  0¦0.1‖0¦1.5‖0¦2‖0¦3‖0¦10‖0¦\N → 0.1
  0.25¦0.1‖0.25¦1.5‖0.25¦2‖0.25¦3‖0.25¦10‖0.25¦\N → 1.5
  0.5¦0.1‖0.5¦1.5‖0.5¦2‖0.5¦3‖0.5¦10‖0.5¦\N → 2
  0.9¦0.1‖0.9¦1.5‖0.9¦2‖0.9¦3‖0.9¦10‖0.9¦\N → 10
  1¦0.1‖1¦1.5‖1¦2‖1¦3‖1¦10‖1¦\N → 10
  -0.1¦0.1‖-0.1¦1.5‖-0.1¦2‖-0.1¦3‖-0.1¦10‖-0.1¦\N → !22003 percentile value -0.1 is not between 0 and 1
  1.5¦0.1‖1.5¦1.5‖1.5¦2‖1.5¦3‖1.5¦10‖1.5¦\N → !22003 percentile value 1.5 is not between 0 and 1
  \N¦0.1‖\N¦1.5‖\N¦2‖\N¦3‖\N¦10‖\N¦\N → \N
percentile_disc(float8,text)
  0¦a‖0¦b‖0¦c → a
  0.25¦a‖0.25¦b‖0.25¦c → a
  0.5¦a‖0.5¦b‖0.5¦c → b
  0.9¦a‖0.9¦b‖0.9¦c → c
  1¦a‖1¦b‖1¦c → c
  -0.1¦a‖-0.1¦b‖-0.1¦c → !22003 percentile value -0.1 is not between 0 and 1
  1.5¦a‖1.5¦b‖1.5¦c → !22003 percentile value 1.5 is not between 0 and 1
  \N¦a‖\N¦b‖\N¦c → \N
rank(int4,int4)
  0¦1‖0¦2‖0¦2‖0¦4‖0¦5‖0¦\N → 1
  2¦1‖2¦2‖2¦2‖2¦4‖2¦5‖2¦\N → 2
  3¦1‖3¦2‖3¦2‖3¦4‖3¦5‖3¦\N → 4
  9¦1‖9¦2‖9¦2‖9¦4‖9¦5‖9¦\N → 6
regr_avgx(float8,float8)
  1¦2‖2¦4.5‖3¦5‖\N¦1‖4¦9 → 5.125
  ∅ → \N
  1¦1 → 1
  1¦1‖2¦1 → 1
  1¦1‖1¦2 → 1.5
  NaN¦1‖1¦2 → 1.5
  Infinity¦1‖1¦2‖3¦4 → 2.3333333333333335
  1e200¦1‖-1e200¦5 → !22003 value out of range: overflow
regr_avgy(float8,float8)
  1¦2‖2¦4.5‖3¦5‖\N¦1‖4¦9 → 2.5
  ∅ → \N
  1¦1 → 1
  1¦1‖2¦1 → 1.5
  1¦1‖1¦2 → 1
  NaN¦1‖1¦2 → NaN
  Infinity¦1‖1¦2‖3¦4 → Infinity
  1e200¦1‖-1e200¦5 → !22003 value out of range: overflow
regr_count(float8,float8)
  1¦2‖2¦4.5‖3¦5‖\N¦1‖4¦9 → 4
  ∅ → 0
  1¦1 → 1
  1¦1‖2¦1 → 2
  1¦1‖1¦2 → 2
  NaN¦1‖1¦2 → 2
  Infinity¦1‖1¦2‖3¦4 → 3
  1e200¦1‖-1e200¦5 → 2
regr_intercept(float8,float8)
  1¦2‖2¦4.5‖3¦5‖\N¦1‖4¦9 → 0.3126550868486353
  ∅ → \N
  1¦1 → \N
  1¦1‖2¦1 → \N
  1¦1‖1¦2 → 1
  NaN¦1‖1¦2 → NaN
  Infinity¦1‖1¦2‖3¦4 → NaN
  1e200¦1‖-1e200¦5 → !22003 value out of range: overflow
regr_r2(float8,float8)
  1¦2‖2¦4.5‖3¦5‖\N¦1‖4¦9 → 0.9176178660049628
  ∅ → \N
  1¦1 → \N
  1¦1‖2¦1 → \N
  1¦1‖1¦2 → 1
  NaN¦1‖1¦2 → NaN
  Infinity¦1‖1¦2‖3¦4 → NaN
  1e200¦1‖-1e200¦5 → !22003 value out of range: overflow
regr_slope(float8,float8)
  1¦2‖2¦4.5‖3¦5‖\N¦1‖4¦9 → 0.4267990074441687
  ∅ → \N
  1¦1 → \N
  1¦1‖2¦1 → \N
  1¦1‖1¦2 → 0
  NaN¦1‖1¦2 → NaN
  Infinity¦1‖1¦2‖3¦4 → NaN
  1e200¦1‖-1e200¦5 → !22003 value out of range: overflow
regr_sxx(float8,float8)
  1¦2‖2¦4.5‖3¦5‖\N¦1‖4¦9 → 25.1875
  ∅ → \N
  1¦1 → 0
  1¦1‖2¦1 → 0
  1¦1‖1¦2 → 0.5
  NaN¦1‖1¦2 → 0.5
  1e200¦1‖-1e200¦5 → !22003 value out of range: overflow
regr_sxy(float8,float8)
  1¦2‖2¦4.5‖3¦5‖\N¦1‖4¦9 → 10.75
  ∅ → \N
  1¦1 → 0
  1¦1‖2¦1 → 0
  1¦1‖1¦2 → 0
  NaN¦1‖1¦2 → NaN
  Infinity¦1‖1¦2‖3¦4 → NaN
  1e200¦1‖-1e200¦5 → !22003 value out of range: overflow
regr_syy(float8,float8)
  1¦2‖2¦4.5‖3¦5‖\N¦1‖4¦9 → 5
  ∅ → \N
  1¦1 → 0
  1¦1‖2¦1 → 0.5
  1¦1‖1¦2 → 0
  NaN¦1‖1¦2 → NaN
  Infinity¦1‖1¦2‖3¦4 → NaN
  1e200¦1‖-1e200¦5 → !22003 value out of range: overflow
stddev(float4)
  5 → \N
  ∅ → \N
  NaN‖1 → NaN
  Infinity‖1 → NaN
  Infinity‖-Infinity → NaN
  3‖3‖3 → 0
stddev(float8)
  5 → \N
  ∅ → \N
  NaN‖1 → NaN
  Infinity‖1 → NaN
  Infinity‖-Infinity → NaN
  3‖3‖3 → 0
stddev(int2)
  1‖2‖-7‖\N‖2‖32000‖5 → 13063.70096744
  5 → \N
  ∅ → \N
  \N → \N
  3‖3‖3 → 0
  1‖2 → 0.70710678118654752440
stddev(int4)
  1‖2‖-7‖\N‖2‖32000‖5 → 13063.70096744
  5 → \N
  ∅ → \N
  \N → \N
  3‖3‖3 → 0
  1‖2 → 0.70710678118654752440
stddev(int8)
  1‖2‖-7‖\N‖2‖32000‖5 → 13063.70096744
  5 → \N
  ∅ → \N
  \N → \N
  3‖3‖3 → 0
  1‖2 → 0.70710678118654752440
  9223372036854775807‖9223372036854775807‖-5‖\N‖3 → 5325116328314171701
stddev(numeric)
  1.50‖-2.25‖\N‖1234567890123456789.123‖0.1‖7 → 552115545030908122.030548
  5.0 → \N
  ∅ → \N
  NaN‖1 → NaN
  Infinity‖1 → NaN
  Infinity‖-Infinity → NaN
  3‖3‖3 → 0
  0.001‖0.0020 → 0.000707106781186547524401
  1e-10‖1e10 → 7071067811.86547524393773294293
  1‖2‖4‖8 → 3.0956959368344517
stddev_pop(float4)
  5 → 0
  ∅ → \N
  NaN‖1 → NaN
  Infinity‖1 → NaN
  Infinity‖-Infinity → NaN
  3‖3‖3 → 0
stddev_pop(float8)
  5 → 0
  ∅ → \N
  NaN‖1 → NaN
  Infinity‖1 → NaN
  Infinity‖-Infinity → NaN
  3‖3‖3 → 0
stddev_pop(int2)
  1‖2‖-7‖\N‖2‖32000‖5 → 11925.47284061
  5 → 0
  ∅ → \N
  \N → \N
  3‖3‖3 → 0
  1‖2 → 0.50000000000000000000
stddev_pop(int4)
  1‖2‖-7‖\N‖2‖32000‖5 → 11925.47284061
  5 → 0
  ∅ → \N
  \N → \N
  3‖3‖3 → 0
  1‖2 → 0.50000000000000000000
stddev_pop(int8)
  1‖2‖-7‖\N‖2‖32000‖5 → 11925.47284061
  5 → 0
  ∅ → \N
  \N → \N
  3‖3‖3 → 0
  1‖2 → 0.50000000000000000000
  9223372036854775807‖9223372036854775807‖-5‖\N‖3 → 4611686018427387904
stddev_pop(numeric)
  1.50‖-2.25‖\N‖1234567890123456789.123‖0.1‖7 → 493827156049382715.014200
  5.0 → 0
  ∅ → \N
  NaN‖1 → NaN
  Infinity‖1 → NaN
  Infinity‖-Infinity → NaN
  3‖3‖3 → 0
  0.001‖0.0020 → 0.000500000000000000000000
  1e-10‖1e10 → 4999999999.99999999995000000000
  1‖2‖4‖8 → 2.6809513236909021
stddev_samp(float4)
  5 → \N
  ∅ → \N
  NaN‖1 → NaN
  Infinity‖1 → NaN
  Infinity‖-Infinity → NaN
  3‖3‖3 → 0
stddev_samp(float8)
  5 → \N
  ∅ → \N
  NaN‖1 → NaN
  Infinity‖1 → NaN
  Infinity‖-Infinity → NaN
  3‖3‖3 → 0
stddev_samp(int2)
  1‖2‖-7‖\N‖2‖32000‖5 → 13063.70096744
  5 → \N
  ∅ → \N
  \N → \N
  3‖3‖3 → 0
  1‖2 → 0.70710678118654752440
stddev_samp(int4)
  1‖2‖-7‖\N‖2‖32000‖5 → 13063.70096744
  5 → \N
  ∅ → \N
  \N → \N
  3‖3‖3 → 0
  1‖2 → 0.70710678118654752440
stddev_samp(int8)
  1‖2‖-7‖\N‖2‖32000‖5 → 13063.70096744
  5 → \N
  ∅ → \N
  \N → \N
  3‖3‖3 → 0
  1‖2 → 0.70710678118654752440
stddev_samp(numeric)
  1.50‖-2.25‖\N‖1234567890123456789.123‖0.1‖7 → 552115545030908122.030548
  5.0 → \N
  ∅ → \N
  NaN‖1 → NaN
  Infinity‖1 → NaN
  Infinity‖-Infinity → NaN
  3‖3‖3 → 0
  0.001‖0.0020 → 0.000707106781186547524401
  1e-10‖1e10 → 7071067811.86547524393773294293
  1‖2‖4‖8 → 3.0956959368344517
string_agg(bytea,bytea)
  \x01¦\xff‖\x02¦\xff‖\N¦\x00 → \x01ff02
string_agg(text,text)
  a¦,‖b¦;‖\N¦x‖c¦\N → a;bc
  ∅ → \N
  \N¦, → \N
sum(float4)
  1.5‖-2.25‖\N‖1e10‖0.1‖0.2‖3 → 1e+10
  5 → 5
  ∅ → \N
  NaN‖1 → NaN
  Infinity‖1 → Infinity
  Infinity‖-Infinity → NaN
  3‖3‖3 → 9
  3e38‖3e38 → !22003 value out of range: overflow
sum(float8)
  1.5‖-2.25‖\N‖1e10‖0.1‖0.2‖3 → 10000000002.550001
  5 → 5
  ∅ → \N
  NaN‖1 → NaN
  Infinity‖1 → Infinity
  Infinity‖-Infinity → NaN
  3‖3‖3 → 9
  1e308‖1e308 → !22003 value out of range: overflow
sum(int2)
  1‖2‖-7‖\N‖2‖32000‖5 → 32003
  5 → 5
  ∅ → \N
  \N → \N
  3‖3‖3 → 9
  1‖2 → 3
sum(int4)
  1‖2‖-7‖\N‖2‖32000‖5 → 32003
  5 → 5
  ∅ → \N
  \N → \N
  3‖3‖3 → 9
  1‖2 → 3
  2147483647‖2147483647‖2147483647‖2147483647‖2147483647 → 10737418235
sum(int8)
  1‖2‖-7‖\N‖2‖32000‖5 → 32003
  5 → 5
  ∅ → \N
  \N → \N
  3‖3‖3 → 9
  1‖2 → 3
  9223372036854775807‖9223372036854775807‖-5‖\N‖3 → 18446744073709551612
sum(interval)
  1 day‖2 hours‖1 mon 3 days‖\N → 1 mon 4 days 02:00:00
  1 mon → 1 mon
  ∅ → \N
sum(numeric)
  1.50‖-2.25‖\N‖1234567890123456789.123‖0.1‖7 → 1234567890123456795.473
  5.0 → 5.0
  ∅ → \N
  NaN‖1 → NaN
  Infinity‖1 → Infinity
  Infinity‖-Infinity → NaN
  3‖3‖3 → 9
  0.001‖0.0020 → 0.0030
  1e-10‖1e10 → 10000000000.0000000001
  1‖2‖4‖8 → 15
var_pop(float4)
  5 → 0
  ∅ → \N
  NaN‖1 → NaN
  Infinity‖1 → NaN
  Infinity‖-Infinity → NaN
  3‖3‖3 → 0
var_pop(float8)
  5 → 0
  ∅ → \N
  NaN‖1 → NaN
  Infinity‖1 → NaN
  Infinity‖-Infinity → NaN
  3‖3‖3 → 0
var_pop(int2)
  1‖2‖-7‖\N‖2‖32000‖5 → 142216902.47222222
  5 → 0
  ∅ → \N
  \N → \N
  3‖3‖3 → 0
  1‖2 → 0.25000000000000000000
var_pop(int4)
  1‖2‖-7‖\N‖2‖32000‖5 → 142216902.47222222
  5 → 0
  ∅ → \N
  \N → \N
  3‖3‖3 → 0
  1‖2 → 0.25000000000000000000
var_pop(int8)
  1‖2‖-7‖\N‖2‖32000‖5 → 142216902.47222222
  5 → 0
  ∅ → \N
  \N → \N
  3‖3‖3 → 0
  1‖2 → 0.25000000000000000000
var_pop(numeric)
  1.50‖-2.25‖\N‖1234567890123456789.123‖0.1‖7 → 243865260051821387424480423772573703.354577
  5.0 → 0
  ∅ → \N
  NaN‖1 → NaN
  Infinity‖1 → NaN
  Infinity‖-Infinity → NaN
  3‖3‖3 → 0
  0.001‖0.0020 → 0.000000250000000000000000
  1e-10‖1e10 → 24999999999999999999.50000000000000000000
  1‖2‖4‖8 → 7.1875000000000000
var_samp(int2)
  1‖2‖-7‖\N‖2‖32000‖5 → 170660282.96666667
  5 → \N
  ∅ → \N
  \N → \N
  3‖3‖3 → 0
  1‖2 → 0.50000000000000000000
var_samp(int4)
  1‖2‖-7‖\N‖2‖32000‖5 → 170660282.96666667
  5 → \N
  ∅ → \N
  \N → \N
  3‖3‖3 → 0
  1‖2 → 0.50000000000000000000
var_samp(int8)
  1‖2‖-7‖\N‖2‖32000‖5 → 170660282.96666667
  5 → \N
  ∅ → \N
  \N → \N
  3‖3‖3 → 0
  1‖2 → 0.50000000000000000000
variance(float4)
  5 → \N
  ∅ → \N
  NaN‖1 → NaN
  Infinity‖1 → NaN
  Infinity‖-Infinity → NaN
  3‖3‖3 → 0
variance(float8)
  5 → \N
  ∅ → \N
  NaN‖1 → NaN
  Infinity‖1 → NaN
  Infinity‖-Infinity → NaN
  3‖3‖3 → 0
  1e200‖-1e200 → !22003 value out of range: overflow
variance(int2)
  1‖2‖-7‖\N‖2‖32000‖5 → 170660282.96666667
  5 → \N
  ∅ → \N
  \N → \N
  3‖3‖3 → 0
  1‖2 → 0.50000000000000000000
variance(int4)
  1‖2‖-7‖\N‖2‖32000‖5 → 170660282.96666667
  5 → \N
  ∅ → \N
  \N → \N
  3‖3‖3 → 0
  1‖2 → 0.50000000000000000000
variance(int8)
  1‖2‖-7‖\N‖2‖32000‖5 → 170660282.96666667
  5 → \N
  ∅ → \N
  \N → \N
  3‖3‖3 → 0
  1‖2 → 0.50000000000000000000
  9223372036854775807‖9223372036854775807‖-5‖\N‖3 → 28356863910078205288614550619314017632
variance(numeric)
  1.50‖-2.25‖\N‖1234567890123456789.123‖0.1‖7 → 304831575064776734280600529715717129.193221
  5.0 → \N
  ∅ → \N
  NaN‖1 → NaN
  Infinity‖1 → NaN
  Infinity‖-Infinity → NaN
  3‖3‖3 → 0
  0.001‖0.0020 → 0.000000500000000000000000
  1e-10‖1e10 → 49999999999999999999.00000000000000000001
  1‖2‖4‖8 → 9.5833333333333333
`
