/** See parseAnswers for the form. */
export const jsonAnswers = String.raw`
json_object_field(json,text)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦a → 2
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦ → \N
  [1, "two",null,[3,4],{"x":true}]¦ → \N
  "str"¦k → \N
  12.50¦k → \N
  null¦1 → \N
  true¦1 → \N
  {}¦x → \N
  []¦x → \N
  \s{ "k" : [ 1 , 2 ] }\s¦x → \N
  [[1,2],[3]]¦s → \N
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}}¦s → \N
  {"1":"one"}¦b → \N
  "\\u0041\\\n\\ud83d\\ude00"¦b → !22P02 invalid input syntax for type json
  [1,1,2]¦a → \N
  {"a":"x","b":[1,"y"],"c":{"d":1}}¦a → "x"
json_array_element(json,int4)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦0 → \N
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦4 → \N
  [1, "two",null,[3,4],{"x":true}]¦4 → {"x":true}
  "str"¦10 → \N
  12.50¦10 → \N
  null¦-3 → \N
  true¦-3 → \N
  {}¦2 → \N
  []¦2 → \N
  \s{ "k" : [ 1 , 2 ] }\s¦2 → \N
  [[1,2],[3]]¦-1 → [3]
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}}¦-1 → \N
  {"1":"one"}¦1 → \N
  "\\u0041\\\n\\ud83d\\ude00"¦1 → !22P02 invalid input syntax for type json
  [1,1,2]¦0 → 1
  {"a":"x","b":[1,"y"],"c":{"d":1}}¦0 → \N
json_extract_path(json,_text)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦{} → {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦{4,x} → \N
  [1, "two",null,[3,4],{"x":true}]¦{b,c,zz} → \N
  "str"¦{0,x} → \N
  12.50¦{k,1} → \N
  null¦{NULL} → \N
  true¦{a,b,c} → \N
  {}¦{3,0} → \N
  []¦{3,0} → \N
  \s{ "k" : [ 1 , 2 ] }\s¦{-1} → \N
  [[1,2],[3]]¦{1} → [3]
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}}¦{b,c,-1,d} → \N
  {"1":"one"}¦{b,c,2} → \N
  "\\u0041\\\n\\ud83d\\ude00"¦{b,c} → !22P02 invalid input syntax for type json
  [1,1,2]¦{a} → \N
  {"a":"x","b":[1,"y"],"c":{"d":1}}¦{} → {"a":"x","b":[1,"y"],"c":{"d":1}}
json_object_field_text(json,text)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦a → 2
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦ → \N
  [1, "two",null,[3,4],{"x":true}]¦ → \N
  "str"¦k → \N
  12.50¦k → \N
  null¦1 → \N
  true¦1 → \N
  {}¦x → \N
  []¦x → \N
  \s{ "k" : [ 1 , 2 ] }\s¦x → \N
  [[1,2],[3]]¦s → \N
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}}¦s → \N
  {"1":"one"}¦b → \N
  "\\u0041\\\n\\ud83d\\ude00"¦b → !22P02 invalid input syntax for type json
  [1,1,2]¦a → \N
  {"a":"x","b":[1,"y"],"c":{"d":1}}¦a → x
json_array_element_text(json,int4)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦0 → \N
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦4 → \N
  [1, "two",null,[3,4],{"x":true}]¦4 → {"x":true}
  "str"¦10 → \N
  12.50¦10 → \N
  null¦-3 → \N
  true¦-3 → \N
  {}¦2 → \N
  []¦2 → \N
  \s{ "k" : [ 1 , 2 ] }\s¦2 → \N
  [[1,2],[3]]¦-1 → [3]
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}}¦-1 → \N
  {"1":"one"}¦1 → \N
  "\\u0041\\\n\\ud83d\\ude00"¦1 → !22P02 invalid input syntax for type json
  [1,1,2]¦0 → 1
  {"a":"x","b":[1,"y"],"c":{"d":1}}¦0 → \N
json_extract_path_text(json,_text)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦{} → {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦{4,x} → \N
  [1, "two",null,[3,4],{"x":true}]¦{b,c,zz} → \N
  "str"¦{0,x} → \N
  12.50¦{k,1} → \N
  null¦{NULL} → \N
  true¦{a,b,c} → \N
  {}¦{3,0} → \N
  []¦{3,0} → \N
  \s{ "k" : [ 1 , 2 ] }\s¦{-1} → \N
  [[1,2],[3]]¦{1} → [3]
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}}¦{b,c,-1,d} → \N
  {"1":"one"}¦{b,c,2} → \N
  "\\u0041\\\n\\ud83d\\ude00"¦{b,c} → !22P02 invalid input syntax for type json
  [1,1,2]¦{a} → \N
  {"a":"x","b":[1,"y"],"c":{"d":1}}¦{} → {"a":"x","b":[1,"y"],"c":{"d":1}}
json_array_length(json)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → !22023 cannot get array length of a non-array
  [1, "two",null,[3,4],{"x":true}] → 5
  "str" → !22023 cannot get array length of a scalar
  12.50 → !22023 cannot get array length of a scalar
  null → !22023 cannot get array length of a scalar
  true → !22023 cannot get array length of a scalar
  {} → !22023 cannot get array length of a non-array
  [] → 0
  \s{ "k" : [ 1 , 2 ] }\s → !22023 cannot get array length of a non-array
  [[1,2],[3]] → 2
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}} → !22023 cannot get array length of a non-array
  {"1":"one"} → !22023 cannot get array length of a non-array
  "\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  [1,1,2] → 3
  {"a":"x","b":[1,"y"],"c":{"d":1}} → !22023 cannot get array length of a non-array
json_typeof(json)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → object
  [1, "two",null,[3,4],{"x":true}] → array
  "str" → string
  12.50 → number
  null → null
  true → boolean
  {} → object
  [] → array
  \s{ "k" : [ 1 , 2 ] }\s → object
  [[1,2],[3]] → array
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}} → object
  {"1":"one"} → object
  "\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  [1,1,2] → array
  {"a":"x","b":[1,"y"],"c":{"d":1}} → object
json_strip_nulls(json)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → {"a":1,"b":{"c":[1,2,{}]},"a":2,"s":"te\\"xét"}
  [1, "two",null,[3,4],{"x":true}] → [1,"two",null,[3,4],{"x":true}]
  "str" → "str"
  12.50 → 12.50
  null → null
  true → true
  {} → {}
  [] → []
  \s{ "k" : [ 1 , 2 ] }\s → {"k":[1,2]}
  [[1,2],[3]] → [[1,2],[3]]
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}} → {"b":{"d":[null,{}]}}
  {"1":"one"} → {"1":"one"}
  "\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  [1,1,2] → [1,1,2]
  {"a":"x","b":[1,"y"],"c":{"d":1}} → {"a":"x","b":[1,"y"],"c":{"d":1}}
json_object_keys(json)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → a | b | a | s
  [1, "two",null,[3,4],{"x":true}] → !22023 cannot call json_object_keys on an array
  "str" → !22023 cannot call json_object_keys on a scalar
  12.50 → !22023 cannot call json_object_keys on a scalar
  null → !22023 cannot call json_object_keys on a scalar
  true → !22023 cannot call json_object_keys on a scalar
  {} → 
  [] → !22023 cannot call json_object_keys on an array
  \s{ "k" : [ 1 , 2 ] }\s → k
  [[1,2],[3]] → !22023 cannot call json_object_keys on an array
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}} → a | b
  {"1":"one"} → 1
  "\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  [1,1,2] → !22023 cannot call json_object_keys on an array
  {"a":"x","b":[1,"y"],"c":{"d":1}} → a | b | c
json_each(json)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → (a,1) | (b,"{""c"":[1,2,{""d"":null}]}") | (a,2) | (s,"""te\\\\""x\\\\u00e9t""")
  [1, "two",null,[3,4],{"x":true}] → !22023 cannot deconstruct an array as an object
  "str" → !22023 cannot deconstruct a scalar
  12.50 → !22023 cannot deconstruct a scalar
  null → !22023 cannot deconstruct a scalar
  true → !22023 cannot deconstruct a scalar
  {} → 
  [] → !22023 cannot deconstruct an array as an object
  \s{ "k" : [ 1 , 2 ] }\s → (k,"[ 1 , 2 ]")
  [[1,2],[3]] → !22023 cannot deconstruct an array as an object
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}} → (a,null) | (b,"{""c"":null,""d"":[null,{""e"":null}]}")
  {"1":"one"} → (1,"""one""")
  "\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  [1,1,2] → !22023 cannot deconstruct an array as an object
  {"a":"x","b":[1,"y"],"c":{"d":1}} → (a,"""x""") | (b,"[1,""y""]") | (c,"{""d"":1}")
json_each_text(json)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → (a,1) | (b,"{""c"":[1,2,{""d"":null}]}") | (a,2) | (s,"te""xét")
  [1, "two",null,[3,4],{"x":true}] → !22023 cannot deconstruct an array as an object
  "str" → !22023 cannot deconstruct a scalar
  12.50 → !22023 cannot deconstruct a scalar
  null → !22023 cannot deconstruct a scalar
  true → !22023 cannot deconstruct a scalar
  {} → 
  [] → !22023 cannot deconstruct an array as an object
  \s{ "k" : [ 1 , 2 ] }\s → (k,"[ 1 , 2 ]")
  [[1,2],[3]] → !22023 cannot deconstruct an array as an object
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}} → (a,) | (b,"{""c"":null,""d"":[null,{""e"":null}]}")
  {"1":"one"} → (1,one)
  "\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  [1,1,2] → !22023 cannot deconstruct an array as an object
  {"a":"x","b":[1,"y"],"c":{"d":1}} → (a,x) | (b,"[1,""y""]") | (c,"{""d"":1}")
json_array_elements(json)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → !22023 cannot call json_array_elements on a non-array
  [1, "two",null,[3,4],{"x":true}] → 1 | "two" | null | [3,4] | {"x":true}
  "str" → !22023 cannot call json_array_elements on a scalar
  12.50 → !22023 cannot call json_array_elements on a scalar
  null → !22023 cannot call json_array_elements on a scalar
  true → !22023 cannot call json_array_elements on a scalar
  {} → !22023 cannot call json_array_elements on a non-array
  [] → 
  \s{ "k" : [ 1 , 2 ] }\s → !22023 cannot call json_array_elements on a non-array
  [[1,2],[3]] → [1,2] | [3]
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}} → !22023 cannot call json_array_elements on a non-array
  {"1":"one"} → !22023 cannot call json_array_elements on a non-array
  "\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  [1,1,2] → 1 | 1 | 2
  {"a":"x","b":[1,"y"],"c":{"d":1}} → !22023 cannot call json_array_elements on a non-array
json_array_elements_text(json)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → !22023 cannot call json_array_elements_text on a non-array
  [1, "two",null,[3,4],{"x":true}] → 1 | two |  | [3,4] | {"x":true}
  "str" → !22023 cannot call json_array_elements_text on a scalar
  12.50 → !22023 cannot call json_array_elements_text on a scalar
  null → !22023 cannot call json_array_elements_text on a scalar
  true → !22023 cannot call json_array_elements_text on a scalar
  {} → !22023 cannot call json_array_elements_text on a non-array
  [] → 
  \s{ "k" : [ 1 , 2 ] }\s → !22023 cannot call json_array_elements_text on a non-array
  [[1,2],[3]] → [1,2] | [3]
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}} → !22023 cannot call json_array_elements_text on a non-array
  {"1":"one"} → !22023 cannot call json_array_elements_text on a non-array
  "\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  [1,1,2] → 1 | 1 | 2
  {"a":"x","b":[1,"y"],"c":{"d":1}} → !22023 cannot call json_array_elements_text on a non-array
json_object(_text)
  {a,1,b,2} → {"a" : "1", "b" : "2"}
  {{a,1},{b,NULL}} → {"a" : "1", "b" : null}
  {a,1,b} → !2202E array must have even number of elements
  {{a,1,c}} → !2202E array must have two columns
  {} → {}
  {NULL,1} → !22004 null value not allowed for object key
  {{{a,1}}} → !2202E wrong number of array subscripts
  {a,1,a,2} → {"a" : "1", "a" : "2"}
  {"q\\"x","y z"} → {"q\\"x" : "y z"}
json_object(_text,_text)
  {a,b}¦{1,2} → {"a" : "1", "b" : "2"}
  {a,b}¦{1} → !2202E mismatched array dimensions
  {}¦{} → {}
  {NULL}¦{1} → !22004 null value not allowed for object key
  {a}¦{NULL} → {"a" : null}
  {{a}}¦{1} → !2202E wrong number of array subscripts
  {a}¦{{1}} → !2202E wrong number of array subscripts
jsonb_object_field(jsonb,text)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦a → 2
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦ → \N
  [1, "two",null,[3,4],{"x":true}]¦ → \N
  "str"¦k → \N
  12.50¦k → \N
  null¦1 → \N
  true¦1 → \N
  {}¦x → \N
  []¦x → \N
  \s{ "k" : [ 1 , 2 ] }\s¦x → \N
  [[1,2],[3]]¦s → \N
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}}¦s → \N
  {"1":"one"}¦b → \N
  "\\u0041\\\n\\ud83d\\ude00"¦b → !22P02 invalid input syntax for type json
  [1,1,2]¦a → \N
  {"a":"x","b":[1,"y"],"c":{"d":1}}¦a → "x"
jsonb_array_element(jsonb,int4)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦0 → \N
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦4 → \N
  [1, "two",null,[3,4],{"x":true}]¦4 → {"x": true}
  "str"¦10 → \N
  12.50¦10 → \N
  null¦-3 → \N
  true¦-3 → \N
  {}¦2 → \N
  []¦2 → \N
  \s{ "k" : [ 1 , 2 ] }\s¦2 → \N
  [[1,2],[3]]¦-1 → [3]
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}}¦-1 → \N
  {"1":"one"}¦1 → \N
  "\\u0041\\\n\\ud83d\\ude00"¦1 → !22P02 invalid input syntax for type json
  [1,1,2]¦0 → 1
  {"a":"x","b":[1,"y"],"c":{"d":1}}¦0 → \N
jsonb_extract_path(jsonb,_text)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦{} → {"a": 2, "b": {"c": [1, 2, {"d": null}]}, "s": "te\\"xét"}
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦{4,x} → \N
  [1, "two",null,[3,4],{"x":true}]¦{b,c,zz} → \N
  "str"¦{0,x} → \N
  12.50¦{k,1} → \N
  null¦{NULL} → \N
  true¦{a,b,c} → \N
  {}¦{3,0} → \N
  []¦{3,0} → \N
  \s{ "k" : [ 1 , 2 ] }\s¦{-1} → \N
  [[1,2],[3]]¦{1} → [3]
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}}¦{b,c,-1,d} → \N
  {"1":"one"}¦{b,c,2} → \N
  "\\u0041\\\n\\ud83d\\ude00"¦{b,c} → !22P02 invalid input syntax for type json
  [1,1,2]¦{a} → \N
  {"a":"x","b":[1,"y"],"c":{"d":1}}¦{} → {"a": "x", "b": [1, "y"], "c": {"d": 1}}
jsonb_object_field_text(jsonb,text)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦a → 2
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦ → \N
  [1, "two",null,[3,4],{"x":true}]¦ → \N
  "str"¦k → \N
  12.50¦k → \N
  null¦1 → \N
  true¦1 → \N
  {}¦x → \N
  []¦x → \N
  \s{ "k" : [ 1 , 2 ] }\s¦x → \N
  [[1,2],[3]]¦s → \N
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}}¦s → \N
  {"1":"one"}¦b → \N
  "\\u0041\\\n\\ud83d\\ude00"¦b → !22P02 invalid input syntax for type json
  [1,1,2]¦a → \N
  {"a":"x","b":[1,"y"],"c":{"d":1}}¦a → x
jsonb_array_element_text(jsonb,int4)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦0 → \N
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦4 → \N
  [1, "two",null,[3,4],{"x":true}]¦4 → {"x": true}
  "str"¦10 → \N
  12.50¦10 → \N
  null¦-3 → \N
  true¦-3 → \N
  {}¦2 → \N
  []¦2 → \N
  \s{ "k" : [ 1 , 2 ] }\s¦2 → \N
  [[1,2],[3]]¦-1 → [3]
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}}¦-1 → \N
  {"1":"one"}¦1 → \N
  "\\u0041\\\n\\ud83d\\ude00"¦1 → !22P02 invalid input syntax for type json
  [1,1,2]¦0 → 1
  {"a":"x","b":[1,"y"],"c":{"d":1}}¦0 → \N
jsonb_extract_path_text(jsonb,_text)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦{} → {"a": 2, "b": {"c": [1, 2, {"d": null}]}, "s": "te\\"xét"}
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦{4,x} → \N
  [1, "two",null,[3,4],{"x":true}]¦{b,c,zz} → \N
  "str"¦{0,x} → \N
  12.50¦{k,1} → \N
  null¦{NULL} → \N
  true¦{a,b,c} → \N
  {}¦{3,0} → \N
  []¦{3,0} → \N
  \s{ "k" : [ 1 , 2 ] }\s¦{-1} → \N
  [[1,2],[3]]¦{1} → [3]
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}}¦{b,c,-1,d} → \N
  {"1":"one"}¦{b,c,2} → \N
  "\\u0041\\\n\\ud83d\\ude00"¦{b,c} → !22P02 invalid input syntax for type json
  [1,1,2]¦{a} → \N
  {"a":"x","b":[1,"y"],"c":{"d":1}}¦{} → {"a": "x", "b": [1, "y"], "c": {"d": 1}}
jsonb_array_length(jsonb)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → !22023 cannot get array length of a non-array
  [1, "two",null,[3,4],{"x":true}] → 5
  "str" → !22023 cannot get array length of a scalar
  12.50 → !22023 cannot get array length of a scalar
  null → !22023 cannot get array length of a scalar
  true → !22023 cannot get array length of a scalar
  {} → !22023 cannot get array length of a non-array
  [] → 0
  \s{ "k" : [ 1 , 2 ] }\s → !22023 cannot get array length of a non-array
  [[1,2],[3]] → 2
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}} → !22023 cannot get array length of a non-array
  {"1":"one"} → !22023 cannot get array length of a non-array
  "\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  [1,1,2] → 3
  {"a":"x","b":[1,"y"],"c":{"d":1}} → !22023 cannot get array length of a non-array
jsonb_typeof(jsonb)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → object
  [1, "two",null,[3,4],{"x":true}] → array
  "str" → string
  12.50 → number
  null → null
  true → boolean
  {} → object
  [] → array
  \s{ "k" : [ 1 , 2 ] }\s → object
  [[1,2],[3]] → array
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}} → object
  {"1":"one"} → object
  "\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  [1,1,2] → array
  {"a":"x","b":[1,"y"],"c":{"d":1}} → object
jsonb_strip_nulls(jsonb)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → {"a": 2, "b": {"c": [1, 2, {}]}, "s": "te\\"xét"}
  [1, "two",null,[3,4],{"x":true}] → [1, "two", null, [3, 4], {"x": true}]
  "str" → "str"
  12.50 → 12.50
  null → null
  true → true
  {} → {}
  [] → []
  \s{ "k" : [ 1 , 2 ] }\s → {"k": [1, 2]}
  [[1,2],[3]] → [[1, 2], [3]]
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}} → {"b": {"d": [null, {}]}}
  {"1":"one"} → {"1": "one"}
  "\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  [1,1,2] → [1, 1, 2]
  {"a":"x","b":[1,"y"],"c":{"d":1}} → {"a": "x", "b": [1, "y"], "c": {"d": 1}}
jsonb_object_keys(jsonb)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → a | b | s
  [1, "two",null,[3,4],{"x":true}] → !22023 cannot call jsonb_object_keys on an array
  "str" → !22023 cannot call jsonb_object_keys on a scalar
  12.50 → !22023 cannot call jsonb_object_keys on a scalar
  null → !22023 cannot call jsonb_object_keys on a scalar
  true → !22023 cannot call jsonb_object_keys on a scalar
  {} → 
  [] → !22023 cannot call jsonb_object_keys on an array
  \s{ "k" : [ 1 , 2 ] }\s → k
  [[1,2],[3]] → !22023 cannot call jsonb_object_keys on an array
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}} → a | b
  {"1":"one"} → 1
  "\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  [1,1,2] → !22023 cannot call jsonb_object_keys on an array
  {"a":"x","b":[1,"y"],"c":{"d":1}} → a | b | c
jsonb_each(jsonb)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → (a,2) | (b,"{""c"": [1, 2, {""d"": null}]}") | (s,"""te\\\\""xét""")
  [1, "two",null,[3,4],{"x":true}] → !22023 cannot call jsonb_each on a non-object
  "str" → !22023 cannot call jsonb_each on a non-object
  12.50 → !22023 cannot call jsonb_each on a non-object
  null → !22023 cannot call jsonb_each on a non-object
  true → !22023 cannot call jsonb_each on a non-object
  {} → 
  [] → !22023 cannot call jsonb_each on a non-object
  \s{ "k" : [ 1 , 2 ] }\s → (k,"[1, 2]")
  [[1,2],[3]] → !22023 cannot call jsonb_each on a non-object
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}} → (a,null) | (b,"{""c"": null, ""d"": [null, {""e"": null}]}")
  {"1":"one"} → (1,"""one""")
  "\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  [1,1,2] → !22023 cannot call jsonb_each on a non-object
  {"a":"x","b":[1,"y"],"c":{"d":1}} → (a,"""x""") | (b,"[1, ""y""]") | (c,"{""d"": 1}")
jsonb_each_text(jsonb)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → (a,2) | (b,"{""c"": [1, 2, {""d"": null}]}") | (s,"te""xét")
  [1, "two",null,[3,4],{"x":true}] → !22023 cannot call jsonb_each_text on a non-object
  "str" → !22023 cannot call jsonb_each_text on a non-object
  12.50 → !22023 cannot call jsonb_each_text on a non-object
  null → !22023 cannot call jsonb_each_text on a non-object
  true → !22023 cannot call jsonb_each_text on a non-object
  {} → 
  [] → !22023 cannot call jsonb_each_text on a non-object
  \s{ "k" : [ 1 , 2 ] }\s → (k,"[1, 2]")
  [[1,2],[3]] → !22023 cannot call jsonb_each_text on a non-object
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}} → (a,) | (b,"{""c"": null, ""d"": [null, {""e"": null}]}")
  {"1":"one"} → (1,one)
  "\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  [1,1,2] → !22023 cannot call jsonb_each_text on a non-object
  {"a":"x","b":[1,"y"],"c":{"d":1}} → (a,x) | (b,"[1, ""y""]") | (c,"{""d"": 1}")
jsonb_array_elements(jsonb)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → !22023 cannot extract elements from an object
  [1, "two",null,[3,4],{"x":true}] → 1 | "two" | null | [3, 4] | {"x": true}
  "str" → !22023 cannot extract elements from a scalar
  12.50 → !22023 cannot extract elements from a scalar
  null → !22023 cannot extract elements from a scalar
  true → !22023 cannot extract elements from a scalar
  {} → !22023 cannot extract elements from an object
  [] → 
  \s{ "k" : [ 1 , 2 ] }\s → !22023 cannot extract elements from an object
  [[1,2],[3]] → [1, 2] | [3]
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}} → !22023 cannot extract elements from an object
  {"1":"one"} → !22023 cannot extract elements from an object
  "\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  [1,1,2] → 1 | 1 | 2
  {"a":"x","b":[1,"y"],"c":{"d":1}} → !22023 cannot extract elements from an object
jsonb_array_elements_text(jsonb)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → !22023 cannot extract elements from an object
  [1, "two",null,[3,4],{"x":true}] → 1 | two |  | [3, 4] | {"x": true}
  "str" → !22023 cannot extract elements from a scalar
  12.50 → !22023 cannot extract elements from a scalar
  null → !22023 cannot extract elements from a scalar
  true → !22023 cannot extract elements from a scalar
  {} → !22023 cannot extract elements from an object
  [] → 
  \s{ "k" : [ 1 , 2 ] }\s → !22023 cannot extract elements from an object
  [[1,2],[3]] → [1, 2] | [3]
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}} → !22023 cannot extract elements from an object
  {"1":"one"} → !22023 cannot extract elements from an object
  "\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  [1,1,2] → 1 | 1 | 2
  {"a":"x","b":[1,"y"],"c":{"d":1}} → !22023 cannot extract elements from an object
jsonb_object(_text)
  {a,1,b,2} → {"a": "1", "b": "2"}
  {{a,1},{b,NULL}} → {"a": "1", "b": null}
  {a,1,b} → !2202E array must have even number of elements
  {{a,1,c}} → !2202E array must have two columns
  {} → {}
  {NULL,1} → !22004 null value not allowed for object key
  {{{a,1}}} → !2202E wrong number of array subscripts
  {a,1,a,2} → {"a": "2"}
  {"q\\"x","y z"} → {"q\\"x": "y z"}
jsonb_object(_text,_text)
  {a,b}¦{1,2} → {"a": "1", "b": "2"}
  {a,b}¦{1} → !2202E mismatched array dimensions
  {}¦{} → {}
  {NULL}¦{1} → !22004 null value not allowed for object key
  {a}¦{NULL} → {"a": null}
  {{a}}¦{1} → !2202E wrong number of array subscripts
  {a}¦{{1}} → !2202E wrong number of array subscripts
jsonb_pretty(jsonb)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → {\n    "a": 2,\n    "b": {\n        "c": [\n            1,\n            2,\n            {\n                "d": null\n            }\n        ]\n    },\n    "s": "te\\"xét"\n}
  [1, "two",null,[3,4],{"x":true}] → [\n    1,\n    "two",\n    null,\n    [\n        3,\n        4\n    ],\n    {\n        "x": true\n    }\n]
  "str" → "str"
  12.50 → 12.50
  null → null
  true → true
  {} → {\n}
  [] → [\n]
  \s{ "k" : [ 1 , 2 ] }\s → {\n    "k": [\n        1,\n        2\n    ]\n}
  [[1,2],[3]] → [\n    [\n        1,\n        2\n    ],\n    [\n        3\n    ]\n]
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}} → {\n    "a": null,\n    "b": {\n        "c": null,\n        "d": [\n            null,\n            {\n                "e": null\n            }\n        ]\n    }\n}
  {"1":"one"} → {\n    "1": "one"\n}
  "\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  [1,1,2] → [\n    1,\n    1,\n    2\n]
  {"a":"x","b":[1,"y"],"c":{"d":1}} → {\n    "a": "x",\n    "b": [\n        1,\n        "y"\n    ],\n    "c": {\n        "d": 1\n    }\n}
jsonb_contains(jsonb,jsonb)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → t
  [1, "two",null,[3,4],{"x":true}]¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  12.50¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → f
  null¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  {}¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → f
  []¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  [[1,2],[3]]¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → f
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}}¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  "\\u0041\\\n\\ud83d\\ude00"¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → !22P02 invalid input syntax for type json
  [1,1,2]¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  {"a":2}¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → f
  [3,4]¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  [null]¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → f
  ["two"]¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  {"b":{"c":[2]}}¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → f
  [[1]]¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
jsonb_contained(jsonb,jsonb)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → t
  [1, "two",null,[3,4],{"x":true}]¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  12.50¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → f
  null¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  {}¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → t
  []¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  [[1,2],[3]]¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → f
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}}¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  "\\u0041\\\n\\ud83d\\ude00"¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → !22P02 invalid input syntax for type json
  [1,1,2]¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  {"a":2}¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → t
  [3,4]¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  [null]¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → f
  ["two"]¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  {"b":{"c":[2]}}¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → t
  [[1]]¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
jsonb_eq(jsonb,jsonb)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → t
  [1, "two",null,[3,4],{"x":true}]¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  12.50¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → f
  null¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  {}¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → f
  []¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  [[1,2],[3]]¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → f
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}}¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  "\\u0041\\\n\\ud83d\\ude00"¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → !22P02 invalid input syntax for type json
  [1,1,2]¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  {"a":2}¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → f
  [3,4]¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  [null]¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → f
  ["two"]¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  {"b":{"c":[2]}}¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → f
  [[1]]¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
jsonb_lt(jsonb,jsonb)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → f
  [1, "two",null,[3,4],{"x":true}]¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  12.50¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → t
  null¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  {}¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → t
  []¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  [[1,2],[3]]¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → t
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}}¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  "\\u0041\\\n\\ud83d\\ude00"¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → !22P02 invalid input syntax for type json
  [1,1,2]¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  {"a":2}¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → t
  [3,4]¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  [null]¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → t
  ["two"]¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  {"b":{"c":[2]}}¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → t
  [[1]]¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
jsonb_cmp(jsonb,jsonb)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → 0
  [1, "two",null,[3,4],{"x":true}]¦{"1":"one"} → -1
  "str"¦[[1]] → -1
  null¦{"a":null,"b":{"c":null,"d":[null,{"e":null}]}} → -1
  true¦{"b":{"c":[2]}} → -1
  []¦\s{ "k" : [ 1 , 2 ] }\s → -1
  \s{ "k" : [ 1 , 2 ] }\s¦[[2,1]] → 1
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}}¦{"a":null,"b":{"c":null,"d":[null,{"e":null}]}} → 0
  "\\u0041\\\n\\ud83d\\ude00"¦[1, "two",null,[3,4],{"x":true}] → !22P02 invalid input syntax for type json
  [1,1,2]¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  {"a":"x","b":[1,"y"],"c":{"d":1}}¦[[2,1]] → 1
  [3,4]¦[1,1,2] → -1
  [null]¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → -1
  ["two"]¦{"1":"one"} → -1
  "two"¦[[2,1]] → -1
  [[1]]¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
jsonb_concat(jsonb,jsonb)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → {"a": 2, "b": {"c": [1, 2, {"d": null}]}, "s": "te\\"xét"}
  [1, "two",null,[3,4],{"x":true}]¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  12.50¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → [12.50, {"a": 2, "b": {"c": [1, 2, {"d": null}]}, "s": "te\\"xét"}]
  null¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  {}¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → {"a": 2, "b": {"c": [1, 2, {"d": null}]}, "s": "te\\"xét"}
  []¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  [[1,2],[3]]¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → [[1, 2], [3], {"a": 2, "b": {"c": [1, 2, {"d": null}]}, "s": "te\\"xét"}]
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}}¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  "\\u0041\\\n\\ud83d\\ude00"¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → !22P02 invalid input syntax for type json
  [1,1,2]¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  {"a":2}¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → {"a": 2, "b": {"c": [1, 2, {"d": null}]}, "s": "te\\"xét"}
  [3,4]¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  [null]¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → [null, {"a": 2, "b": {"c": [1, 2, {"d": null}]}, "s": "te\\"xét"}]
  ["two"]¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
  {"b":{"c":[2]}}¦{"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"} → {"a": 2, "b": {"c": [1, 2, {"d": null}]}, "s": "te\\"xét"}
  [[1]]¦"\\u0041\\\n\\ud83d\\ude00" → !22P02 invalid input syntax for type json
jsonb_exists(jsonb,text)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦a → t
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦ → f
  [1, "two",null,[3,4],{"x":true}]¦ → f
  "str"¦ → f
  12.50¦x → f
  null¦x → f
  true¦x → f
  {}¦str → f
  []¦str → f
  \s{ "k" : [ 1 , 2 ] }\s¦str → f
  [[1,2],[3]]¦two → f
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}}¦two → f
  {"1":"one"}¦two → f
  "\\u0041\\\n\\ud83d\\ude00"¦a → !22P02 invalid input syntax for type json
  [1,1,2]¦a → f
  {"a":"x","b":[1,"y"],"c":{"d":1}}¦a → t
jsonb_exists_any(jsonb,_text)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦{a,two} → t
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦{zz} → f
  [1, "two",null,[3,4],{"x":true}]¦{zz} → f
  "str"¦{zz} → f
  12.50¦{zz} → f
  null¦{NULL} → f
  true¦{NULL} → f
  {}¦{NULL} → f
  []¦{NULL} → f
  \s{ "k" : [ 1 , 2 ] }\s¦{} → f
  [[1,2],[3]]¦{} → f
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}}¦{} → f
  {"1":"one"}¦{} → f
  "\\u0041\\\n\\ud83d\\ude00"¦{a,two} → !22P02 invalid input syntax for type json
  [1,1,2]¦{a,two} → f
  {"a":"x","b":[1,"y"],"c":{"d":1}}¦{a,two} → t
jsonb_exists_all(jsonb,_text)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦{a,b} → t
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦{a,NULL} → t
  [1, "two",null,[3,4],{"x":true}]¦{a,NULL} → f
  "str"¦{a,NULL} → f
  12.50¦{two} → f
  null¦{two} → f
  true¦{two} → f
  {}¦{NULL} → t
  []¦{NULL} → t
  \s{ "k" : [ 1 , 2 ] }\s¦{NULL} → t
  [[1,2],[3]]¦{} → t
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}}¦{} → t
  {"1":"one"}¦{} → t
  "\\u0041\\\n\\ud83d\\ude00"¦{a,b} → !22P02 invalid input syntax for type json
  [1,1,2]¦{a,b} → f
  {"a":"x","b":[1,"y"],"c":{"d":1}}¦{a,b} → t
jsonb_delete(jsonb,text)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦a → {"b": {"c": [1, 2, {"d": null}]}, "s": "te\\"xét"}
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦zz → {"a": 2, "b": {"c": [1, 2, {"d": null}]}, "s": "te\\"xét"}
  [1, "two",null,[3,4],{"x":true}]¦zz → [1, "two", null, [3, 4], {"x": true}]
  "str"¦zz → !22023 cannot delete from scalar
  12.50¦zz → !22023 cannot delete from scalar
  null¦zz → !22023 cannot delete from scalar
  true¦two → !22023 cannot delete from scalar
  {}¦two → {}
  []¦two → []
  \s{ "k" : [ 1 , 2 ] }\s¦two → {"k": [1, 2]}
  [[1,2],[3]]¦two → [[1, 2], [3]]
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}}¦a → {"b": {"c": null, "d": [null, {"e": null}]}}
  {"1":"one"}¦a → {"1": "one"}
  "\\u0041\\\n\\ud83d\\ude00"¦a → !22P02 invalid input syntax for type json
  [1,1,2]¦a → [1, 1, 2]
  {"a":"x","b":[1,"y"],"c":{"d":1}}¦a → {"b": [1, "y"], "c": {"d": 1}}
jsonb_delete(jsonb,int4)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦0 → !22023 cannot delete from object using integer index
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦4 → !22023 cannot delete from object using integer index
  [1, "two",null,[3,4],{"x":true}]¦4 → [1, "two", null, [3, 4]]
  "str"¦10 → !22023 cannot delete from scalar
  12.50¦10 → !22023 cannot delete from scalar
  null¦-3 → !22023 cannot delete from scalar
  true¦-3 → !22023 cannot delete from scalar
  {}¦2 → !22023 cannot delete from object using integer index
  []¦2 → []
  \s{ "k" : [ 1 , 2 ] }\s¦2 → !22023 cannot delete from object using integer index
  [[1,2],[3]]¦-1 → [[1, 2]]
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}}¦-1 → !22023 cannot delete from object using integer index
  {"1":"one"}¦1 → !22023 cannot delete from object using integer index
  "\\u0041\\\n\\ud83d\\ude00"¦1 → !22P02 invalid input syntax for type json
  [1,1,2]¦0 → [1, 2]
  {"a":"x","b":[1,"y"],"c":{"d":1}}¦0 → !22023 cannot delete from object using integer index
jsonb_delete(jsonb,_text)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦{a,b} → {"s": "te\\"xét"}
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦{two} → {"a": 2, "b": {"c": [1, 2, {"d": null}]}, "s": "te\\"xét"}
  [1, "two",null,[3,4],{"x":true}]¦{two} → [1, null, [3, 4], {"x": true}]
  "str"¦{two} → !22023 cannot delete from scalar
  12.50¦{two} → !22023 cannot delete from scalar
  null¦{two} → !22023 cannot delete from scalar
  true¦{} → !22023 cannot delete from scalar
  {}¦{} → {}
  []¦{} → []
  \s{ "k" : [ 1 , 2 ] }\s¦{} → {"k": [1, 2]}
  [[1,2],[3]]¦{} → [[1, 2], [3]]
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}}¦{a,b} → {}
  {"1":"one"}¦{a,b} → {"1": "one"}
  "\\u0041\\\n\\ud83d\\ude00"¦{a,b} → !22P02 invalid input syntax for type json
  [1,1,2]¦{a,b} → [1, 1, 2]
  {"a":"x","b":[1,"y"],"c":{"d":1}}¦{a,b} → {"c": {"d": 1}}
jsonb_delete_path(jsonb,_text)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦{} → {"a": 2, "b": {"c": [1, 2, {"d": null}]}, "s": "te\\"xét"}
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦{4,x} → {"a": 2, "b": {"c": [1, 2, {"d": null}]}, "s": "te\\"xét"}
  [1, "two",null,[3,4],{"x":true}]¦{b,c,zz} → !22P02 path element at position 1 is not an integer: "b"
  "str"¦{0,x} → !22023 cannot delete path in scalar
  12.50¦{k,1} → !22023 cannot delete path in scalar
  null¦{NULL} → !22023 cannot delete path in scalar
  true¦{a,b,c} → !22023 cannot delete path in scalar
  {}¦{3,0} → {}
  []¦{3,0} → []
  \s{ "k" : [ 1 , 2 ] }\s¦{-1} → {"k": [1, 2]}
  [[1,2],[3]]¦{1} → [[1, 2]]
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}}¦{b,c,-1,d} → {"a": null, "b": {"c": null, "d": [null, {"e": null}]}}
  {"1":"one"}¦{b,c,2} → {"1": "one"}
  "\\u0041\\\n\\ud83d\\ude00"¦{b,c} → !22P02 invalid input syntax for type json
  [1,1,2]¦{a} → !22P02 path element at position 1 is not an integer: "a"
  {"a":"x","b":[1,"y"],"c":{"d":1}}¦{} → {"a": "x", "b": [1, "y"], "c": {"d": 1}}
jsonb_set(jsonb,_text,jsonb,bool)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦{}¦"new"¦t → {"a": 2, "b": {"c": [1, 2, {"d": null}]}, "s": "te\\"xét"}
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦{4,x}¦"new"¦t → {"a": 2, "b": {"c": [1, 2, {"d": null}]}, "s": "te\\"xét"}
  [1, "two",null,[3,4],{"x":true}]¦{b,c,zz}¦"new"¦t → !22P02 path element at position 1 is not an integer: "b"
  "str"¦{0,x}¦"new"¦t → !22023 cannot set path in scalar
  12.50¦{k,1}¦"new"¦f → !22023 cannot set path in scalar
  null¦{NULL}¦"new"¦f → !22023 cannot set path in scalar
  true¦{a,b,c}¦"new"¦f → !22023 cannot set path in scalar
  {}¦{3,0}¦"new"¦f → {}
  []¦{3,0}¦"new"¦t → []
  \s{ "k" : [ 1 , 2 ] }\s¦{-1}¦"new"¦t → {"k": [1, 2], "-1": "new"}
  [[1,2],[3]]¦{1}¦"new"¦t → [[1, 2], "new"]
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}}¦{b,c,-1,d}¦"new"¦t → {"a": null, "b": {"c": null, "d": [null, {"e": null}]}}
  {"1":"one"}¦{b,c,2}¦"new"¦f → {"1": "one"}
  "\\u0041\\\n\\ud83d\\ude00"¦{b,c}¦"new"¦f → !22P02 invalid input syntax for type json
  [1,1,2]¦{a}¦"new"¦f → !22P02 path element at position 1 is not an integer: "a"
  {"a":"x","b":[1,"y"],"c":{"d":1}}¦{}¦"new"¦f → {"a": "x", "b": [1, "y"], "c": {"d": 1}}
jsonb_insert(jsonb,_text,jsonb,bool)
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦{}¦"new"¦t → {"a": 2, "b": {"c": [1, 2, {"d": null}]}, "s": "te\\"xét"}
  {"a": 1, "b":{"c":[1,2,{"d":null}]}, "a":2, "s":"te\\"x\\u00e9t"}¦{4,x}¦"new"¦t → {"a": 2, "b": {"c": [1, 2, {"d": null}]}, "s": "te\\"xét"}
  [1, "two",null,[3,4],{"x":true}]¦{b,c,zz}¦"new"¦t → !22P02 path element at position 1 is not an integer: "b"
  "str"¦{0,x}¦"new"¦t → !22023 cannot set path in scalar
  12.50¦{k,1}¦"new"¦f → !22023 cannot set path in scalar
  null¦{NULL}¦"new"¦f → !22023 cannot set path in scalar
  true¦{a,b,c}¦"new"¦f → !22023 cannot set path in scalar
  {}¦{3,0}¦"new"¦f → {}
  []¦{3,0}¦"new"¦t → []
  \s{ "k" : [ 1 , 2 ] }\s¦{-1}¦"new"¦t → {"k": [1, 2], "-1": "new"}
  [[1,2],[3]]¦{1}¦"new"¦t → [[1, 2], [3], "new"]
  {"a":null,"b":{"c":null,"d":[null,{"e":null}]}}¦{b,c,-1,d}¦"new"¦t → {"a": null, "b": {"c": null, "d": [null, {"e": null}]}}
  {"1":"one"}¦{b,c,2}¦"new"¦f → {"1": "one"}
  "\\u0041\\\n\\ud83d\\ude00"¦{b,c}¦"new"¦f → !22P02 invalid input syntax for type json
  [1,1,2]¦{a}¦"new"¦f → !22P02 path element at position 1 is not an integer: "a"
  {"a":"x","b":[1,"y"],"c":{"d":1}}¦{}¦"new"¦f → {"a": "x", "b": [1, "y"], "c": {"d": 1}}
jsonb_set_lax(jsonb,_text,jsonb,bool,text)
  {"a":1}¦{a}¦\N¦t¦raise_exception → !22004 JSON value must not be null
  {"a":1}¦{a}¦\N¦t¦use_json_null → {"a": null}
  {"a":1}¦{a}¦\N¦t¦delete_key → {}
  {"a":1}¦{a}¦\N¦t¦return_target → {"a": 1}
  {"a":1}¦{a}¦\N¦t¦nope → !22023 null_value_treatment must be "delete_key", "return_target", "use_json_null", or "raise_exception"
  {"a":1}¦{a}¦\N¦t¦\N → !22023 null_value_treatment must be "delete_key", "return_target", "use_json_null", or "raise_exception"
  {"a":1}¦{a}¦2¦t¦nope → {"a": 2}
  \N¦{a}¦1¦t¦use_json_null → \N
  {"a":1}¦{b}¦\N¦f¦use_json_null → {"a": 1}
to_json(int4)
  -5 → -5
  \N → \N
to_json(int8)
  9007199254740993 → 9007199254740993
  \N → \N
to_json(float8)
  1.5e300 → 1.5e+300
  \N → \N
  NaN → "NaN"
  \N → \N
  Infinity → "Infinity"
  \N → \N
to_json(float4)
  0.1 → 0.1
  \N → \N
to_json(numeric)
  12.500 → 12.500
  \N → \N
  NaN → "NaN"
  \N → \N
to_json(bool)
  t → true
  \N → \N
to_json(text)
  \N → \N
to_json(date)
  2024-02-29 → "2024-02-29"
  \N → \N
  infinity → "infinity"
  \N → \N
  0044-03-15 BC → "0044-03-15 BC"
  \N → \N
to_json(timestamp)
  2024-02-29 12:34:56.78 → "2024-02-29T12:34:56.78"
  \N → \N
  -infinity → "-infinity"
  \N → \N
  0044-03-15 BC 01:00 → "0044-03-15T01:00:00 BC"
  \N → \N
to_json(timestamptz)
  2024-02-29 12:34:56.78+00 → "2024-02-29T07:34:56.78-05:00"
  \N → \N
  1883-01-01 00:00:00+00 → "1882-12-31T19:03:58-04:56:02"
  \N → \N
to_json(time)
  01:02:03 → "01:02:03"
  \N → \N
to_json(timetz)
  01:02:03+05 → "01:02:03+05"
  \N → \N
to_json(interval)
  1 mon 2 days → "1 mon 2 days"
  \N → \N
to_json(uuid)
  a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11 → "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
  \N → \N
to_json(json)
  {"a" : 1 } → {"a" : 1 }
  \N → \N
to_json(jsonb)
  {"a" : 1 } → {"a": 1}
  \N → \N
to_json(bytea)
  \\xdeadbeef → "\\\\xdeadbeef"
  \N → \N
to_json(_int4)
  {1,NULL,3} → [1,null,3]
  \N → \N
  {{1,2},{3,4}} → [[1,2],[3,4]]
  \N → \N
  {} → []
  \N → \N
to_json(_text)
  {a,"b c",NULL} → ["a","b c",null]
  \N → \N
to_json(_jsonb)
  {"{\\"a\\":1}"} → [{"a": 1}]
  \N → \N
to_json(name)
  nm → "nm"
  \N → \N
to_json(char)
  c → "c"
  \N → \N
to_json(bpchar)
  ab\s → "ab "
  \N → \N
to_jsonb(int4)
  -5 → -5
  \N → \N
to_jsonb(int8)
  9007199254740993 → 9007199254740993
  \N → \N
to_jsonb(float8)
  1.5e300 → 1500000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000
  \N → \N
  NaN → "NaN"
  \N → \N
  Infinity → "Infinity"
  \N → \N
to_jsonb(float4)
  0.1 → 0.1
  \N → \N
to_jsonb(numeric)
  12.500 → 12.500
  \N → \N
  NaN → "NaN"
  \N → \N
to_jsonb(bool)
  t → true
  \N → \N
to_jsonb(text)
  \N → \N
to_jsonb(date)
  2024-02-29 → "2024-02-29"
  \N → \N
  infinity → "infinity"
  \N → \N
  0044-03-15 BC → "0044-03-15 BC"
  \N → \N
to_jsonb(timestamp)
  2024-02-29 12:34:56.78 → "2024-02-29T12:34:56.78"
  \N → \N
  -infinity → "-infinity"
  \N → \N
  0044-03-15 BC 01:00 → "0044-03-15T01:00:00 BC"
  \N → \N
to_jsonb(timestamptz)
  2024-02-29 12:34:56.78+00 → "2024-02-29T07:34:56.78-05:00"
  \N → \N
  1883-01-01 00:00:00+00 → "1882-12-31T19:03:58-04:56:02"
  \N → \N
to_jsonb(time)
  01:02:03 → "01:02:03"
  \N → \N
to_jsonb(timetz)
  01:02:03+05 → "01:02:03+05"
  \N → \N
to_jsonb(interval)
  1 mon 2 days → "1 mon 2 days"
  \N → \N
to_jsonb(uuid)
  a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11 → "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
  \N → \N
to_jsonb(json)
  {"a" : 1 } → {"a": 1}
  \N → \N
to_jsonb(jsonb)
  {"a" : 1 } → {"a": 1}
  \N → \N
to_jsonb(bytea)
  \\xdeadbeef → "\\\\xdeadbeef"
  \N → \N
to_jsonb(_int4)
  {1,NULL,3} → [1, null, 3]
  \N → \N
  {{1,2},{3,4}} → [[1, 2], [3, 4]]
  \N → \N
  {} → []
  \N → \N
to_jsonb(_text)
  {a,"b c",NULL} → ["a", "b c", null]
  \N → \N
to_jsonb(_jsonb)
  {"{\\"a\\":1}"} → [{"a": 1}]
  \N → \N
to_jsonb(name)
  nm → "nm"
  \N → \N
to_jsonb(char)
  c → "c"
  \N → \N
to_jsonb(bpchar)
  ab\s → "ab "
  \N → \N
array_to_json(_int4,bool)
  {1,NULL,3}¦t → [1,\n null,\n 3]
  {1,NULL,3}¦f → [1,null,3]
  {{1,2},{3,4}}¦t → [[1,2],\n [3,4]]
  {{1,2},{3,4}}¦f → [[1,2],[3,4]]
  {}¦t → []
  {}¦f → []
array_to_json(_text,bool)
  {a,"b c",NULL}¦t → ["a",\n "b c",\n null]
  {a,"b c",NULL}¦f → ["a","b c",null]
array_to_json(_jsonb,bool)
  {"{\\"a\\":1}"}¦t → [{"a": 1}]
  {"{\\"a\\":1}"}¦f → [{"a": 1}]
json_build_array(int4,text,_int4,json)
  1¦a¦{1,2}¦{"x":1} → [1, "a", [1,2], {"x":1}]
  \N¦\N¦\N¦\N → [null, null, null, null]
json_build_array()
   → []
json_build_object()
   → {}
json_build_object(text,int4,int4,bool)
  a¦1¦2¦t → {"a" : 1, "2" : true}
  \N¦1¦2¦t → !22023 argument 1 cannot be null
  b¦1¦1¦f → {"b" : 1, "1" : false}
json_build_object(text)
  a → !22023 argument list must have even number of elements
json_build_object(_int4,int4)
  {1}¦1 → !22023 key value must be scalar, not array, composite, or json
json_build_object(json,int4)
  {}¦1 → !22023 key value must be scalar, not array, composite, or json
json_build_object(bool,date)
  t¦2020-01-01 → {"true" : "2020-01-01"}
json_build_object(timestamp,float8)
  2020-01-01¦NaN → {"2020-01-01T00:00:00" : "NaN"}
jsonb_build_array(int4,text,_int4,json)
  1¦a¦{1,2}¦{"x":1} → [1, "a", [1, 2], {"x": 1}]
  \N¦\N¦\N¦\N → [null, null, null, null]
jsonb_build_array()
   → []
jsonb_build_object()
   → {}
jsonb_build_object(text,int4,int4,bool)
  a¦1¦2¦t → {"2": true, "a": 1}
  \N¦1¦2¦t → !22023 argument 1: key must not be null
  b¦1¦1¦f → {"1": false, "b": 1}
jsonb_build_object(text)
  a → !22023 argument list must have even number of elements
jsonb_build_object(_int4,int4)
  {1}¦1 → !22023 key value must be scalar, not array, composite, or json
jsonb_build_object(json,int4)
  {}¦1 → !22023 key value must be scalar, not array, composite, or json
jsonb_build_object(bool,date)
  t¦2020-01-01 → {"true": "2020-01-01"}
jsonb_build_object(timestamp,float8)
  2020-01-01¦NaN → {"2020-01-01T00:00:00": "NaN"}
`
