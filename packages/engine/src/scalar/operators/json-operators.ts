/** Operators on JSON. One a line: see define-operators. */
export const jsonOperators = String.raw`
  3287 #- jsonb _text 3304
  3213 #> jsonb _text 3217
  3966 #> json _text 3951
  3206 #>> jsonb _text 3940
  3967 #>> json _text 3953
  3285 - jsonb text 3302
  3286 - jsonb int4 3303
  3398 - jsonb _text 3343
  3211 -> jsonb text 3478
  3212 -> jsonb int4 3215
  3962 -> json text 3947
  3964 -> json int4 3949
  3477 ->> jsonb text 3214
  3481 ->> jsonb int4 3216
  3963 ->> json text 3948
  3965 ->> json int4 3950
  3250 <@ jsonb jsonb 4050 @>
  3247 ? jsonb text 4047
  3249 ?& jsonb _text 4049
  3248 ?| jsonb _text 4048
  3246 @> jsonb jsonb 4046 <@
  4012 @? jsonb jsonpath 4010
  4013 @@ jsonb jsonpath 4011
  3284 || jsonb jsonb 3301
`
