/** Operators on numbers, dates and times. One a line: see define-operators. */
export const arithmeticOperators = String.raw`
  1876 # int2 int2 1894 #
  1882 # int4 int4 1900 #
  1888 # int8 int8 1906 #
  439 % int8 int8 945
  529 % int2 int2 155
  530 % int4 int4 156
  1762 % numeric numeric 1729
  1874 & int2 int2 1892 &
  1880 & int4 int4 1898 &
  1886 & int8 int8 1904 &
  514 * int4 int4 141 *
  526 * int2 int2 152 *
  544 * int2 int4 170 *
  545 * int4 int2 171 *
  589 * float4 float4 202 *
  594 * float8 float8 216 *
  686 * int8 int8 465 *
  690 * int8 int4 1276 *
  694 * int4 int8 1280 *
  820 * int8 int2 839 *
  824 * int2 int8 943 *
  1119 * float4 float8 279 *
  1129 * float8 float4 283 *
  1583 * interval float8 1618 *
  1584 * float8 interval 1624 *
  1760 * numeric numeric 1726 *
  550 + int2 int2 176 +
  551 + int4 int4 177 +
  552 + int2 int4 178 +
  553 + int4 int2 179 +
  586 + float4 float4 204 +
  591 + float8 float8 218 +
  684 + int8 int8 463 +
  688 + int8 int4 1274 +
  692 + int4 int8 1278 +
  818 + int8 int2 837 +
  822 + int2 int8 841 +
  1076 + date interval 2071 +
  1100 + date int4 1141 +
  1116 + float4 float8 281 +
  1126 + float8 float4 285 +
  1327 + timestamptz interval 1189 +
  1337 + interval interval 1169 +
  1360 + date time 1272 +
  1361 + date timetz 1297 +
  1363 + time date 1296 +
  1366 + timetz date 1298 +
  1758 + numeric numeric 1724 +
  1800 + time interval 1747 +
  1802 + timetz interval 1749 +
  1849 + interval time 1848 +
  1916 + . int8 1910
  1917 + . int2 1911
  1918 + . int4 1912
  1919 + . float4 1913
  1920 + . float8 1914
  1921 + . numeric 1915
  2066 + timestamp interval 2032 +
  2551 + interval date 2546 +
  2552 + interval timetz 2547 +
  2553 + interval timestamp 2548 +
  2554 + interval timestamptz 2549 +
  2555 + int4 date 2550 +
  484 - . int8 462
  554 - int2 int2 180
  555 - int4 int4 181
  556 - int2 int4 182
  557 - int4 int2 183
  558 - . int4 212
  559 - . int2 213
  584 - . float4 206
  585 - . float8 220
  587 - float4 float4 205
  592 - float8 float8 219
  685 - int8 int8 464
  689 - int8 int4 1275
  693 - int4 int8 1279
  819 - int8 int2 838
  823 - int2 int8 942
  1077 - date interval 2072
  1099 - date date 1140
  1101 - date int4 1142
  1117 - float4 float8 282
  1127 - float8 float4 286
  1328 - timestamptz timestamptz 1188
  1329 - timestamptz interval 1190
  1336 - . interval 1168
  1338 - interval interval 1170
  1399 - time time 1690
  1751 - . numeric 1771
  1759 - numeric numeric 1725
  1801 - time interval 1748
  1803 - timetz interval 1750
  2067 - timestamp timestamp 2031
  2068 - timestamp interval 2033
  527 / int2 int2 153
  528 / int4 int4 154
  546 / int2 int4 172
  547 / int4 int2 173
  588 / float4 float4 203
  593 / float8 float8 217
  687 / int8 int8 466
  691 / int8 int4 1277
  695 / int4 int8 1281
  821 / int8 int2 840
  825 / int2 int8 948
  1118 / float4 float8 280
  1128 / float8 float4 284
  1585 / interval float8 1326
  1761 / numeric numeric 1727
  1878 << int2 int4 1896
  1884 << int4 int4 1902
  1890 << int8 int4 1908
  1879 >> int2 int4 1897
  1885 >> int4 int4 1903
  1891 >> int8 int4 1909
  473 @ . int8 1230
  590 @ . float4 207
  595 @ . float8 221
  682 @ . int2 1253
  773 @ . int4 1251
  1763 @ . numeric 1704
  965 ^ float8 float8 232
  1038 ^ numeric numeric 1739
  1875 | int2 int2 1893 |
  1881 | int4 int4 1899 |
  1887 | int8 int8 1905 |
  596 |/ . float8 230
  597 ||/ . float8 231
  1877 ~ . int2 1895
  1883 ~ . int4 1901
  1889 ~ . int8 1907
`
