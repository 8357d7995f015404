/** Operators on strings and bytes. One a line: see define-operators. */
export const textOperators = String.raw`
  640 !~ name text 1252 . ~
  642 !~ text text 1256 . ~
  1056 !~ bpchar text 1659 . ~
  1227 !~* name text 1241 . ~*
  1229 !~* text text 1239 . ~*
  1235 !~* bpchar text 1657 . ~*
  1208 !~~ name text 859 . ~~
  1210 !~~ text text 851 . ~~
  1212 !~~ bpchar text 1632 . ~~
  2017 !~~ bytea bytea 2006 . ~~
  1626 !~~* name text 1636 . ~~*
  1628 !~~* text text 1634 . ~~*
  1630 !~~* bpchar text 1661 . ~~*
  3877 ^@ text text 3696
  654 || text text 1258
  2018 || bytea bytea 2011
  639 ~ name text 79 . !~
  641 ~ text text 1254 . !~
  1055 ~ bpchar text 1658 . !~
  1226 ~* name text 1240 . !~*
  1228 ~* text text 1238 . !~*
  1234 ~* bpchar text 1656 . !~*
  2315 ~<=~ text text 2161 ~>=~ ~>~
  2327 ~<=~ bpchar bpchar 2175 ~>=~ ~>~
  2314 ~<~ text text 2160 ~>~ ~>=~
  2326 ~<~ bpchar bpchar 2174 ~>~ ~>=~
  2317 ~>=~ text text 2163 ~<=~ ~<~
  2329 ~>=~ bpchar bpchar 2177 ~<=~ ~<~
  2318 ~>~ text text 2164 ~<~ ~<=~
  2330 ~>~ bpchar bpchar 2178 ~<~ ~<=~
  1207 ~~ name text 858 . !~~
  1209 ~~ text text 850 . !~~
  1211 ~~ bpchar text 1631 . !~~
  2016 ~~ bytea bytea 2005 . !~~
  1625 ~~* name text 1635 . !~~*
  1627 ~~* text text 1633 . !~~*
  1629 ~~* bpchar text 1660 . !~~*
`
