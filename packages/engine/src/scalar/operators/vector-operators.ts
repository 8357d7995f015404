/** pgvector's operators. One a line: see define-operators. */
export const vectorOperators = `
  90150 <-> vector vector 90100 <->
  90151 <#> vector vector 90104 <#>
  90152 <=> vector vector 90102 <=>
  90153 <+> vector vector 90103 <+>
  90154 + vector vector 90111 +
  90155 - vector vector 90112
  90156 * vector vector 90113 *
  90157 || vector vector 90114
  90158 = vector vector 90120 = <>
  90159 <> vector vector 90121 <> =
  90160 < vector vector 90122 > >=
  90161 <= vector vector 90123 >= >
  90162 > vector vector 90124 < <=
  90163 >= vector vector 90125 <= <
`
