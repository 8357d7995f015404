/** See parseAnswers for the form. */
export const dateFormatAnswers = String.raw`
to_char(timestamp,text)
  2024-02-29 12:34:56.789012¦YYYY-MM-DD HH24:MI:SS → 2024-02-29 12:34:56
  2024-02-29 12:34:56.789012¦Day, DD Month YYYY → Thursday , 29 February  2024
  2024-02-29 12:34:56.789012¦MONTH MON month mon → FEBRUARY  FEB february  feb
  2024-02-29 12:34:56.789012¦P.M. pm → P.M. pm
  2024-02-29 12:34:56.789012¦Y,YYY → 2,024
  2024-02-29 12:34:56.789012¦RM rm FMRM → II   ii   II
  2024-02-29 12:34:56.789012¦SSSS SSSSS → 45296 45296
  2024-02-29 12:34:56.789012¦"quoted text" YYYY → quoted text 2024
  2024-02-29 12:34:56.789012¦YYYY"T"HH24 → 2024T12
  2024-02-29 12:34:56.789012¦ → \N
  2024-02-29 12:34:56.789012¦HH24MISS → 123456
  2024-02-29 12:34:56.789012¦Hello DD → Hello 29
  2024-02-29 12:34:56.789012¦YYYY\\"x → 2024"x
  2024-02-29 12:34:56.789012¦th → th
  2024-02-29 12:34:56.789012¦yyyy-mm-dd hh24:mi:ss.us → 2024-02-29 12:34:56.789012
  2024-02-29 12:34:56.789012¦SP DDSP → SP 29
  1999-12-31 23:59:59.999999¦Day, DD Month YYYY → Friday   , 31 December  1999
  1999-12-31 23:59:59.999999¦MONTH MON month mon → DECEMBER  DEC december  dec
  1999-12-31 23:59:59.999999¦HH:MI a.m. → 11:59 p.m.
  1999-12-31 23:59:59.999999¦Y,YYY → 1,999
  1999-12-31 23:59:59.999999¦RM rm FMRM → XII  xii  XII
  1999-12-31 23:59:59.999999¦SSSS SSSSS → 86399 86399
  1999-12-31 23:59:59.999999¦"quoted text" YYYY → quoted text 1999
  1999-12-31 23:59:59.999999¦YYYY"T"HH24 → 1999T23
  1999-12-31 23:59:59.999999¦FMYYYY FMMM FMHH24 → 1999 12 23
  1999-12-31 23:59:59.999999¦HH24MISS → 235959
  1999-12-31 23:59:59.999999¦Hello DD → Hello 31
  1999-12-31 23:59:59.999999¦D of month → 6 +00 december\s
  1999-12-31 23:59:59.999999¦th → th
  1999-12-31 23:59:59.999999¦yyyy-mm-dd hh24:mi:ss.us → 1999-12-31 23:59:59.999999
  0044-03-15 BC 01:02:03¦YYYY-MM-DD HH24:MI:SS → 0044-03-15 01:02:03
  0044-03-15 BC 01:02:03¦Day, DD Month YYYY → Friday   , 15 March     0044
  0044-03-15 BC 01:02:03¦MONTH MON month mon → MARCH     MAR march     mar
  0044-03-15 BC 01:02:03¦P.M. pm → A.M. am
  0044-03-15 BC 01:02:03¦Y,YYY → 0,044
  0044-03-15 BC 01:02:03¦RM rm FMRM → III  iii  III
  0044-03-15 BC 01:02:03¦BC AD b.c. A.D. → BC BC b.c. B.C.
  0044-03-15 BC 01:02:03¦"quoted text" YYYY → quoted text 0044
  0044-03-15 BC 01:02:03¦YYYY"T"HH24 → 0044T01
  0044-03-15 BC 01:02:03¦ → \N
  0044-03-15 BC 01:02:03¦HH24MISS → 010203
  0044-03-15 BC 01:02:03¦Hello DD → Hello 15
  0044-03-15 BC 01:02:03¦YYYY\\"x → 0044"x
  0044-03-15 BC 01:02:03¦th → th
  0044-03-15 BC 01:02:03¦yyyy-mm-dd hh24:mi:ss.us → 0044-03-15 01:02:03.000000
  infinity¦YYYY-MM-DD HH24:MI:SS → \N
  infinity¦Day, DD Month YYYY → \N
  infinity¦MONTH MON month mon → \N
  infinity¦P.M. pm → \N
  infinity¦Y,YYY → \N
  infinity¦RM rm FMRM → \N
  infinity¦BC AD b.c. A.D. → \N
  infinity¦"quoted text" YYYY → \N
  infinity¦YYYY"T"HH24 → \N
  infinity¦ → \N
  infinity¦HH24MISS → \N
  infinity¦Hello DD → \N
  infinity¦YYYY\\"x → \N
  infinity¦th → \N
  infinity¦yyyy-mm-dd hh24:mi:ss.us → \N
  infinity¦SP DDSP → \N
  2000-01-01¦Day, DD Month YYYY → Saturday , 01 January   2000
  2000-01-01¦MONTH MON month mon → JANUARY   JAN january   jan
  2000-01-01¦HH:MI a.m. → 12:00 a.m.
  2000-01-01¦Y,YYY → 2,000
  2000-01-01¦RM rm FMRM → I    i    I
  2000-01-01¦SSSS SSSSS → 0 0
  2000-01-01¦"quoted text" YYYY → quoted text 2000
  2000-01-01¦YYYY"T"HH24 → 2000T00
  2000-01-01¦FMYYYY FMMM FMHH24 → 2000 1 0
  2000-01-01¦HH24MISS → 000000
  2000-01-01¦Hello DD → Hello 01
  2000-01-01¦D of month → 7 +00 january \s
  2000-01-01¦th → th
  2000-01-01¦yyyy-mm-dd hh24:mi:ss.us → 2000-01-01 00:00:00.000000
  2000-01-01¦SP DDSP → SP 01
  2021-01-03 00:00:05¦Day, DD Month YYYY → Sunday   , 03 January   2021
  2021-01-03 00:00:05¦MONTH MON month mon → JANUARY   JAN january   jan
  2021-01-03 00:00:05¦HH:MI a.m. → 12:00 a.m.
  2021-01-03 00:00:05¦Y,YYY → 2,021
  2021-01-03 00:00:05¦RM rm FMRM → I    i    I
  2021-01-03 00:00:05¦SSSS SSSSS → 5 5
  2021-01-03 00:00:05¦"quoted text" YYYY → quoted text 2021
  2021-01-03 00:00:05¦YYYY"T"HH24 → 2021T00
  2021-01-03 00:00:05¦FMYYYY FMMM FMHH24 → 2021 1 0
  2021-01-03 00:00:05¦HH24MISS → 000005
  2021-01-03 00:00:05¦Hello DD → Hello 03
  2021-01-03 00:00:05¦D of month → 1 +00 january \s
  2021-01-03 00:00:05¦th → th
  2021-01-03 00:00:05¦yyyy-mm-dd hh24:mi:ss.us → 2021-01-03 00:00:05.000000
  2021-01-03 00:00:05¦SP DDSP → SP 03
  12345-06-07 13:00:00¦Day, DD Month YYYY → Thursday , 07 June      12345
  12345-06-07 13:00:00¦MONTH MON month mon → JUNE      JUN june      jun
  12345-06-07 13:00:00¦HH:MI a.m. → 01:00 p.m.
  12345-06-07 13:00:00¦Y,YYY → 12,345
  12345-06-07 13:00:00¦RM rm FMRM → VI   vi   VI
  12345-06-07 13:00:00¦SSSS SSSSS → 46800 46800
  12345-06-07 13:00:00¦"quoted text" YYYY → quoted text 12345
  12345-06-07 13:00:00¦YYYY"T"HH24 → 12345T13
  12345-06-07 13:00:00¦FMYYYY FMMM FMHH24 → 12345 6 13
  12345-06-07 13:00:00¦HH24MISS → 130000
  12345-06-07 13:00:00¦Hello DD → Hello 07
  12345-06-07 13:00:00¦D of month → 5 +00 june    \s
  12345-06-07 13:00:00¦th → th
  12345-06-07 13:00:00¦yyyy-mm-dd hh24:mi:ss.us → 12345-06-07 13:00:00.000000
  12345-06-07 13:00:00¦SP DDSP → SP 07
  1900-10-11 11:11:11¦Day, DD Month YYYY → Thursday , 11 October   1900
  1900-10-11 11:11:11¦MONTH MON month mon → OCTOBER   OCT october   oct
  1900-10-11 11:11:11¦HH:MI a.m. → 11:11 a.m.
  1900-10-11 11:11:11¦Y,YYY → 1,900
  1900-10-11 11:11:11¦RM rm FMRM → X    x    X
  1900-10-11 11:11:11¦SSSS SSSSS → 40271 40271
  1900-10-11 11:11:11¦"quoted text" YYYY → quoted text 1900
  1900-10-11 11:11:11¦YYYY"T"HH24 → 1900T11
  1900-10-11 11:11:11¦FMYYYY FMMM FMHH24 → 1900 10 11
  1900-10-11 11:11:11¦HH24MISS → 111111
  1900-10-11 11:11:11¦Hello DD → Hello 11
  1900-10-11 11:11:11¦YYYY\\"x → 1900"x
  1900-10-11 11:11:11¦th → th
  1900-10-11 11:11:11¦yyyy-mm-dd hh24:mi:ss.us → 1900-10-11 11:11:11.000000
to_char(timestamptz,text)
  2024-02-29 12:34:56.789012+00¦YYYY-MM-DD HH24:MI:SS TZ tz OF → 2024-02-29 07:34:56 EST est -05
  2024-02-29 12:34:56.789012+00¦TZH:TZM → -05:00
  2024-02-29 12:34:56.789012+00¦Day J → Thursday  2460370
  2024-02-29 12:34:56.789012+00¦FMOF → -5
  2024-02-29 12:34:56.789012+00¦HH12 AM TZ → 07 AM EST
  1999-12-31 23:59:59.999999+00¦YYYY-MM-DD HH24:MI:SS TZ tz OF → 1999-12-31 18:59:59 EST est -05
  1999-12-31 23:59:59.999999+00¦TZH:TZM → -05:00
  1999-12-31 23:59:59.999999+00¦Day J → Friday    2451544
  1999-12-31 23:59:59.999999+00¦FMOF → -5
  1999-12-31 23:59:59.999999+00¦HH12 AM TZ → 06 PM EST
  0044-03-15 BC 01:02:03+00¦YYYY-MM-DD HH24:MI:SS TZ tz OF → 0044-03-14 20:06:01 LMT lmt -04:56
  0044-03-15 BC 01:02:03+00¦TZH:TZM → -04:56
  0044-03-15 BC 01:02:03+00¦Day J → Thursday  1705427
  0044-03-15 BC 01:02:03+00¦FMOF → -4:56
  0044-03-15 BC 01:02:03+00¦HH12 AM TZ → 08 PM LMT
  infinity¦YYYY-MM-DD HH24:MI:SS TZ tz OF → \N
  infinity¦TZH:TZM → \N
  infinity¦Day J → \N
  infinity¦FMOF → \N
  infinity¦HH12 AM TZ → \N
  2000-01-01+00¦YYYY-MM-DD HH24:MI:SS TZ tz OF → 1999-12-31 19:00:00 EST est -05
  2000-01-01+00¦TZH:TZM → -05:00
  2000-01-01+00¦Day J → Friday    2451544
  2000-01-01+00¦FMOF → -5
  2000-01-01+00¦HH12 AM TZ → 07 PM EST
  2021-01-03 00:00:05+00¦YYYY-MM-DD HH24:MI:SS TZ tz OF → 2021-01-02 19:00:05 EST est -05
  2021-01-03 00:00:05+00¦TZH:TZM → -05:00
  2021-01-03 00:00:05+00¦Day J → Saturday  2459217
  2021-01-03 00:00:05+00¦FMOF → -5
  2021-01-03 00:00:05+00¦HH12 AM TZ → 07 PM EST
  12345-06-07 13:00:00+00¦YYYY-MM-DD HH24:MI:SS TZ tz OF → 12345-06-07 09:00:00 EDT edt -04
  12345-06-07 13:00:00+00¦TZH:TZM → -04:00
  12345-06-07 13:00:00+00¦Day J → Thursday  6230136
  12345-06-07 13:00:00+00¦FMOF → -4
  12345-06-07 13:00:00+00¦HH12 AM TZ → 09 AM EDT
  1900-10-11 11:11:11+00¦YYYY-MM-DD HH24:MI:SS TZ tz OF → 1900-10-11 06:11:11 EST est -05
  1900-10-11 11:11:11+00¦TZH:TZM → -05:00
  1900-10-11 11:11:11+00¦Day J → Thursday  2415304
  1900-10-11 11:11:11+00¦FMOF → -5
  1900-10-11 11:11:11+00¦HH12 AM TZ → 06 AM EST
to_char(interval,text)
  0¦YYYY-MM-DD HH24:MI:SS → 0000-00-00 00:00:00
  0¦HH12:MI → 12:00
  0¦HH:MI AM → 12:00 AM
  0¦YY Y YYY Y,YYY → 00 0 000 0,000
  0¦RM rm → \s
  0¦MS US → 000 000000
  0¦CC Q W WW J → 00  1 01 1721028
  0¦D → !22007 invalid format specification for an interval value
  0¦ID → !22007 invalid format specification for an interval value
  0¦Mon → !22007 invalid format specification for an interval value
  0¦BC → !22007 invalid format specification for an interval value
  0¦TZ → !22007 invalid format specification for an interval value
  0¦DDth → 00th
  0¦ → \N
  1 day¦YYYY-MM-DD HH24:MI:SS → 0000-00-01 00:00:00
  1 day¦HH:MI AM → 12:00 AM
  1 day¦DD DDD → 01 001
  1 day¦YY Y YYY Y,YYY → 00 0 000 0,000
  1 day¦MS US → 000 000000
  1 day¦SSSS → 0
  1 day¦D → !22007 invalid format specification for an interval value
  1 day¦ID → !22007 invalid format specification for an interval value
  1 day¦Day → !22007 invalid format specification for an interval value
  1 day¦BC → !22007 invalid format specification for an interval value
  1 day¦TZ → !22007 invalid format specification for an interval value
  1 day¦FMDD FMHH24 FMYYYY → 1 0 0
  1 day¦ → \N
  1 year 2 months 3 days 04:05:06.789¦YYYY-MM-DD HH24:MI:SS → 0001-02-03 04:05:06
  1 year 2 months 3 days 04:05:06.789¦HH12:MI → 04:05
  1 year 2 months 3 days 04:05:06.789¦DD DDD → 03 423
  1 year 2 months 3 days 04:05:06.789¦YY Y YYY Y,YYY → 01 1 001 0,001
  1 year 2 months 3 days 04:05:06.789¦RM rm → II   ii \s
  1 year 2 months 3 days 04:05:06.789¦SSSS → 14706
  1 year 2 months 3 days 04:05:06.789¦CC Q W WW J → 00 1 1 61 1721459
  1 year 2 months 3 days 04:05:06.789¦D → !22007 invalid format specification for an interval value
  1 year 2 months 3 days 04:05:06.789¦Day → !22007 invalid format specification for an interval value
  1 year 2 months 3 days 04:05:06.789¦Mon → !22007 invalid format specification for an interval value
  1 year 2 months 3 days 04:05:06.789¦BC → !22007 invalid format specification for an interval value
  1 year 2 months 3 days 04:05:06.789¦FMDD FMHH24 FMYYYY → 3 4 1
  1 year 2 months 3 days 04:05:06.789¦DDth → 03rd
  1 year 2 months 3 days 04:05:06.789¦ → \N
  -1 month 5 days -3 hours¦YYYY-MM-DD HH24:MI:SS → 0000--01-05 -03:00:00
  -1 month 5 days -3 hours¦HH12:MI → -03:00
  -1 month 5 days -3 hours¦DD DDD → 05 -25
  -1 month 5 days -3 hours¦YY Y YYY Y,YYY → 00 0 000 0,000
  -1 month 5 days -3 hours¦RM rm → XII  xii\s
  -1 month 5 days -3 hours¦SSSS → -10800
  -1 month 5 days -3 hours¦CC Q W WW J → 00 1 1 -2 1721003
  -1 month 5 days -3 hours¦D → !22007 invalid format specification for an interval value
  -1 month 5 days -3 hours¦Day → !22007 invalid format specification for an interval value
  -1 month 5 days -3 hours¦Mon → !22007 invalid format specification for an interval value
  -1 month 5 days -3 hours¦BC → !22007 invalid format specification for an interval value
  -1 month 5 days -3 hours¦FMDD FMHH24 FMYYYY → 5 -3 0
  -1 month 5 days -3 hours¦DDth → 05th
  -1 month 5 days -3 hours¦ → \N
  30 hours¦HH12:MI → 06:00
  30 hours¦HH:MI AM → 06:00 AM
  30 hours¦DD DDD → 00 000
  30 hours¦RM rm → \s
  30 hours¦MS US → 000 000000
  30 hours¦SSSS → 108000
  30 hours¦D → !22007 invalid format specification for an interval value
  30 hours¦ID → !22007 invalid format specification for an interval value
  30 hours¦Mon → !22007 invalid format specification for an interval value
  30 hours¦BC → !22007 invalid format specification for an interval value
  30 hours¦TZ → !22007 invalid format specification for an interval value
  30 hours¦DDth → 00th
  30 hours¦ → \N
  -1 year -2 mons -3 days -04:05:06.789¦HH12:MI → -04:-05
  -1 year -2 mons -3 days -04:05:06.789¦RM rm → XI   xi \s
  -1 year -2 mons -3 days -04:05:06.789¦MS US → -789 -789000
  -1 year -2 mons -3 days -04:05:06.789¦SSSS → -14706
  -1 year -2 mons -3 days -04:05:06.789¦D → !22007 invalid format specification for an interval value
  -1 year -2 mons -3 days -04:05:06.789¦ID → !22007 invalid format specification for an interval value
  -1 year -2 mons -3 days -04:05:06.789¦Day → !22007 invalid format specification for an interval value
  -1 year -2 mons -3 days -04:05:06.789¦BC → !22007 invalid format specification for an interval value
  -1 year -2 mons -3 days -04:05:06.789¦TZ → !22007 invalid format specification for an interval value
  -1 year -2 mons -3 days -04:05:06.789¦FMDD FMHH24 FMYYYY → -3 -4 -1
  -1 year -2 mons -3 days -04:05:06.789¦ → \N
  14 months¦YYYY-MM-DD HH24:MI:SS → 0001-02-00 00:00:00
  14 months¦HH12:MI → 12:00
  14 months¦DD DDD → 00 420
  14 months¦YY Y YYY Y,YYY → 01 1 001 0,001
  14 months¦MS US → 000 000000
  14 months¦SSSS → 0
  14 months¦CC Q W WW J → 00 1 1 60 1721456
  14 months¦ID → !22007 invalid format specification for an interval value
  14 months¦Day → !22007 invalid format specification for an interval value
  14 months¦Mon → !22007 invalid format specification for an interval value
  14 months¦TZ → !22007 invalid format specification for an interval value
  14 months¦FMDD FMHH24 FMYYYY → 0 0 1
  14 months¦DDth → 00th
  14 months¦ → \N
  100 years¦YYYY-MM-DD HH24:MI:SS → 0100-00-00 00:00:00
  100 years¦HH12:MI → 12:00
  100 years¦DD DDD → 00 36000
  100 years¦YY Y YYY Y,YYY → 00 0 100 0,100
  100 years¦RM rm → XII  xii\s
  100 years¦SSSS → 0
  100 years¦CC Q W WW J → 01  1 5143 1757553
  100 years¦D → !22007 invalid format specification for an interval value
  100 years¦Day → !22007 invalid format specification for an interval value
  100 years¦Mon → !22007 invalid format specification for an interval value
  100 years¦TZ → !22007 invalid format specification for an interval value
  100 years¦FMDD FMHH24 FMYYYY → 0 0 100
  100 years¦DDth → 00th
  100 years¦ → \N
  -00:00:01.5¦YYYY-MM-DD HH24:MI:SS → 0000-00-00 00:00:-01
  -00:00:01.5¦HH12:MI → 12:00
  -00:00:01.5¦DD DDD → 00 000
  -00:00:01.5¦YY Y YYY Y,YYY → 00 0 000 0,000
  -00:00:01.5¦RM rm → \s
  -00:00:01.5¦SSSS → -1
  -00:00:01.5¦CC Q W WW J → 00  1 01 1721028
  -00:00:01.5¦D → !22007 invalid format specification for an interval value
  -00:00:01.5¦Day → !22007 invalid format specification for an interval value
  -00:00:01.5¦Mon → !22007 invalid format specification for an interval value
  -00:00:01.5¦BC → !22007 invalid format specification for an interval value
  -00:00:01.5¦FMDD FMHH24 FMYYYY → 0 0 0
  -00:00:01.5¦DDth → 00th
  -00:00:01.5¦ → \N
to_date(text,text)
  2024-02-29¦YYYY-MM-DD → 2024-02-29
  29/02/2024¦DD/MM/YYYY → 2024-02-29
  20240229¦YYYYMMDD → 2024-02-29
  29 Feb 2024¦DD Mon YYYY → 2024-02-29
  29 february 2024¦DD Month YYYY → 2024-02-29
  Thursday 29 Feb 24¦Day DD Mon YY → 2024-02-29
  2023-02-29¦YYYY-MM-DD → !22008 date/time field value out of range: "2023-02-29"
  2024-13-01¦YYYY-MM-DD → !22008 date/time field value out of range: "2024-13-01"
  2024-1-5¦YYYY-MM-DD → 2024-01-05
  2024-1-5¦YYYYMMDD → !22008 date/time field value out of range: "2024-1-5"
  1 1 2024¦DD MM YYYY → 2024-01-01
  44-03-15 BC¦YYYY-MM-DD BC → 0044-03-15 BC
  2024 060¦YYYY DDD → 2024-02-29
  060¦DDD → !22007 cannot calculate day of year without year information
  2024-W09-4¦IYYY-"W"IW-ID → 2024-02-29
  2024 09 4¦IYYY IW ID → 2024-02-29
  2460370¦J → 2024-02-29
  05¦MM → 0001-05-01 BC
  99¦YY → 1999-01-01
  69¦YY → 2069-01-01
  70¦YY → 1970-01-01
  5¦Y → 2005-01-01
  123¦YYY → 2123-01-01
  519¦YYY → 2519-01-01
  520¦YYY → 1520-01-01
  21 24¦CC YY → 2024-01-01
  20 00¦CC YY → 2000-01-01
  21¦CC → 2001-01-01
  1,999¦Y,YYY → 1999-01-01
  2024 9¦YYYY WW → 2024-02-26
  2024 2 3¦YYYY MM W → 2024-02-15
  II 2024¦RM YYYY → 2024-02-01
  xii¦RM → 0001-12-01 BC
  Foo 2024¦Mon YYYY → !22007 invalid value "Foo" for "Mon"
  abc¦YYYY → !22007 invalid value "abc" for "YYYY"
  ¦YYYY → 0001-01-01 BC
  2024¦YYYY YYYY → 2024-01-01
  2024 2023¦YYYY YYYY → !22007 conflicting values for "YYYY" field in formatting string
  2024-02-29 extra¦YYYY-MM-DD → 2024-02-29
  \s 2024  02  29¦YYYY MM DD → 2024-02-29
  2024/02/29¦YYYY-MM-DD → 2024-02-29
  2024.02.29¦YYYY MM DD → 2024-02-29
  20240229¦YYYY-MM-DD → !22008 date out of range: "20240229"
  2024-02-29¦YYYY/MM/DD → 2024-02-29
  2024x02x29¦YYYY"x"MM"x"DD → 2024-02-29
  1st Jan 2024¦DDth Mon YYYY → 2024-01-01
  1 Jan 2024¦DDth Mon YYYY → !22007 invalid value "an" for "Mon"
  2024 1¦YYYY Q → 2024-01-01
  2024-02-29¦FXYYYY-MM-DD → 2024-02-29
  2024 -02-29¦FXYYYY-MM-DD → !22008 date/time field value out of range: "2024 -02-29"
  2024-2-29¦FXYYYY-MM-DD → 2024-02-29
  2024-02-29¦YYYY-IW-DD → !22007 invalid combination of date conventions
  infinity¦YYYY → !22007 invalid value "infi" for "YYYY"
  2024-06-31¦YYYY-MM-DD → !22008 date/time field value out of range: "2024-06-31"
  0000-01-01¦YYYY-MM-DD → 0001-01-01 BC
  5874898-01-01¦YYYY-MM-DD → !22008 date out of range: "5874898-01-01"
  -44-03-15¦YYYY-MM-DD → 0044-03-15 BC
  99999999999¦YYYY → !22008 value for "YYYY" in source string is out of range
  12¦FMYYYY → 0012-01-01
  2024-02-29¦TMYYYY → 2024-01-01
  AD 2024¦AD YYYY → 2024-01-01
  mon 2024¦DY YYYY → 2024-01-01
  366 2023¦DDD YYYY → !22008 date/time field value out of range: "366 2023"
  0¦DDD → 0001-01-01 BC
to_timestamp(text,text)
  2024-02-29 12:34:56¦YYYY-MM-DD HH24:MI:SS → 2024-02-29 12:34:56-05
  2024-02-29 12:34:56.789¦YYYY-MM-DD HH24:MI:SS.MS → 2024-02-29 12:34:56.789-05
  12.3¦SS.MS → 0001-01-01 00:00:12.3-04:56:02 BC
  12.03¦SS.MS → 0001-01-01 00:00:12.03-04:56:02 BC
  12.003¦SS.MS → 0001-01-01 00:00:12.003-04:56:02 BC
  12.789012¦SS.US → 0001-01-01 00:00:12.789012-04:56:02 BC
  12.5¦SS.FF3 → 0001-01-01 00:00:12.5-04:56:02 BC
  12.123456¦SS.FF6 → 0001-01-01 00:00:12.123456-04:56:02 BC
  01:02 PM¦HH12:MI AM → 0001-01-01 13:02:00-04:56:02 BC
  12:00 AM¦HH12:MI AM → 0001-01-01 00:00:00-04:56:02 BC
  13:00 PM¦HH12:MI PM → !22007 hour "13" is invalid for the 12-hour clock
  1:2 p.m.¦HH:MI a.m. → 0001-01-01 13:02:00-04:56:02 BC
  45296¦SSSS → 0001-01-01 12:34:56-04:56:02 BC
  45296¦SSSSS → 0001-01-01 12:34:56-04:56:02 BC
  25:00¦HH24:MI → !22008 date/time field value out of range: "25:00"
  23:60¦HH24:MI → !22008 date/time field value out of range: "23:60"
  2024-02-29 12:34 +05¦YYYY-MM-DD HH24:MI TZH → 2024-02-29 02:34:00-05
  2024-02-29 12:34 -05:30¦YYYY-MM-DD HH24:MI TZH:TZM → 2024-02-29 13:04:00-05
  2024-02-29 12:34 +16¦YYYY-MM-DD HH24:MI TZH → !22009 time zone displacement out of range: "2024-02-29 12:34 +16"
  2024 EST¦YYYY TZ → !0A000 formatting field "TZ" is only supported in to_char
  2024-03-10 02:30¦YYYY-MM-DD HH24:MI → 2024-03-10 03:30:00-04
  20240229123456¦YYYYMMDDHH24MISS → 2024-02-29 12:34:56-05
  2024-02-29T12:34:56Z¦YYYY-MM-DD"T"HH24:MI:SS"Z" → 2024-02-29 12:34:56-05
  15:30¦HH12:MI → !22007 hour "15" is invalid for the 12-hour clock
  3:30 pm¦HH24:MI pm → 0001-01-01 15:30:00-04:56:02 BC
  2024-02-29 12:34-05¦YYYY-MM-DD HH24:MITZH → 2024-02-29 12:34:00-05
  12:34:56¦HH24:MI:SS → 0001-01-01 12:34:56-04:56:02 BC
  2024-02-29 1¦YYYY-MM-DD HH24 → 2024-02-29 01:00:00-05
  294277-01-01¦YYYY-MM-DD → !22008 timestamp out of range
  x¦HH24 → !22007 invalid value "x" for "HH24"
  2000 + JUN¦YYYY MON → 2000-06-01 00:00:00-04
  2000JUN¦YYYY///MON → 2000-06-01 00:00:00-04
  2000/JUN¦YYYY MON → 2000-06-01 00:00:00-04
  2000//JUN¦YYYY/MON → !22007 invalid value "/JUN" for "MON"
  2000 JUN¦FXYYYY MON → 2000-06-01 00:00:00-04
  \s 2000 JUN¦YYYY MON → 2000-06-01 00:00:00-04
  2011-12-18 11:38 20¦YYYY-MM-DD HH12:MI TZM → 2011-12-18 06:18:00-05
  2018-11-02 12:34:56.1234567¦YYYY-MM-DD HH24:MI:SS.FF6 → !22008 date/time field value out of range: "2018-11-02 12:34:56.1234567"
`
