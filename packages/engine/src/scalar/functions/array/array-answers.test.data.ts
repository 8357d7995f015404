/** See parseAnswers for the form. */
export const arrayAnswers = String.raw`
array_dims(_int4)
  {} → \N
  {1,2,3} → [1:3]
  {1,NULL,3} → [1:3]
  {{1,2},{3,4}} → [1:2][1:2]
  [2:4]={1,2,3} → [2:4]
  [0:1][5:6]={{1,2},{3,4}} → [0:1][5:6]
  \N → \N
array_ndims(_int4)
  {} → \N
  {1,2,3} → 1
  {1,NULL,3} → 1
  {{1,2},{3,4}} → 2
  [2:4]={1,2,3} → 1
  [0:1][5:6]={{1,2},{3,4}} → 2
  \N → \N
cardinality(_int4)
  {} → 0
  {1,2,3} → 3
  {1,NULL,3} → 3
  {{1,2},{3,4}} → 4
  [2:4]={1,2,3} → 3
  [0:1][5:6]={{1,2},{3,4}} → 4
  \N → \N
array_length(_int4,int4)
  {}¦0 → \N
  {}¦1 → \N
  {}¦2 → \N
  {}¦-1 → \N
  {1,2,3}¦0 → \N
  {1,2,3}¦2 → \N
  {1,2,3}¦3 → \N
  {1,NULL,3}¦0 → \N
  {1,NULL,3}¦1 → 3
  {1,NULL,3}¦3 → \N
  {1,NULL,3}¦-1 → \N
  {{1,2},{3,4}}¦1 → 2
  {{1,2},{3,4}}¦2 → 2
  {{1,2},{3,4}}¦3 → \N
  [2:4]={1,2,3}¦0 → \N
  [2:4]={1,2,3}¦1 → 3
  [2:4]={1,2,3}¦3 → \N
  [2:4]={1,2,3}¦-1 → \N
  [0:1][5:6]={{1,2},{3,4}}¦1 → 2
  [0:1][5:6]={{1,2},{3,4}}¦2 → 2
  [0:1][5:6]={{1,2},{3,4}}¦-1 → \N
  \N¦0 → \N
  \N¦2 → \N
  \N¦3 → \N
  \N¦-1 → \N
array_lower(_int4,int4)
  {}¦0 → \N
  {}¦1 → \N
  {}¦2 → \N
  {}¦-1 → \N
  {1,2,3}¦0 → \N
  {1,2,3}¦2 → \N
  {1,2,3}¦3 → \N
  {1,NULL,3}¦0 → \N
  {1,NULL,3}¦1 → 1
  {1,NULL,3}¦3 → \N
  {1,NULL,3}¦-1 → \N
  {{1,2},{3,4}}¦1 → 1
  {{1,2},{3,4}}¦2 → 1
  {{1,2},{3,4}}¦3 → \N
  [2:4]={1,2,3}¦0 → \N
  [2:4]={1,2,3}¦1 → 2
  [2:4]={1,2,3}¦3 → \N
  [2:4]={1,2,3}¦-1 → \N
  [0:1][5:6]={{1,2},{3,4}}¦1 → 0
  [0:1][5:6]={{1,2},{3,4}}¦2 → 5
  [0:1][5:6]={{1,2},{3,4}}¦-1 → \N
  \N¦0 → \N
  \N¦2 → \N
  \N¦3 → \N
  \N¦-1 → \N
array_upper(_int4,int4)
  {}¦0 → \N
  {}¦1 → \N
  {}¦2 → \N
  {}¦-1 → \N
  {1,2,3}¦0 → \N
  {1,2,3}¦2 → \N
  {1,2,3}¦3 → \N
  {1,NULL,3}¦0 → \N
  {1,NULL,3}¦1 → 3
  {1,NULL,3}¦3 → \N
  {1,NULL,3}¦-1 → \N
  {{1,2},{3,4}}¦1 → 2
  {{1,2},{3,4}}¦2 → 2
  {{1,2},{3,4}}¦3 → \N
  [2:4]={1,2,3}¦0 → \N
  [2:4]={1,2,3}¦1 → 4
  [2:4]={1,2,3}¦3 → \N
  [2:4]={1,2,3}¦-1 → \N
  [0:1][5:6]={{1,2},{3,4}}¦1 → 1
  [0:1][5:6]={{1,2},{3,4}}¦2 → 6
  [0:1][5:6]={{1,2},{3,4}}¦-1 → \N
  \N¦0 → \N
  \N¦2 → \N
  \N¦3 → \N
  \N¦-1 → \N
array_append(_int4,int4)
  {}¦1 → {1}
  {}¦9 → {9}
  {}¦\N → {NULL}
  {1,2,3}¦1 → {1,2,3,1}
  {1,2,3}¦9 → {1,2,3,9}
  {1,2,3}¦\N → {1,2,3,NULL}
  {1,NULL,3}¦1 → {1,NULL,3,1}
  {1,NULL,3}¦9 → {1,NULL,3,9}
  {1,NULL,3}¦\N → {1,NULL,3,NULL}
  {{1,2},{3,4}}¦1 → !22000 argument must be empty or one-dimensional array
  {{1,2},{3,4}}¦9 → !22000 argument must be empty or one-dimensional array
  {{1,2},{3,4}}¦\N → !22000 argument must be empty or one-dimensional array
  [2:4]={1,2,3}¦1 → [2:5]={1,2,3,1}
  [2:4]={1,2,3}¦9 → [2:5]={1,2,3,9}
  [2:4]={1,2,3}¦\N → [2:5]={1,2,3,NULL}
  [0:1][5:6]={{1,2},{3,4}}¦1 → !22000 argument must be empty or one-dimensional array
  [0:1][5:6]={{1,2},{3,4}}¦9 → !22000 argument must be empty or one-dimensional array
  [0:1][5:6]={{1,2},{3,4}}¦\N → !22000 argument must be empty or one-dimensional array
  \N¦1 → {1}
  \N¦9 → {9}
  \N¦\N → {NULL}
array_prepend(int4,_int4)
  1¦{} → {1}
  1¦{1,2,3} → {1,1,2,3}
  1¦{1,NULL,3} → {1,1,NULL,3}
  1¦{{1,2},{3,4}} → !22000 argument must be empty or one-dimensional array
  1¦[2:4]={1,2,3} → [2:5]={1,1,2,3}
  1¦[0:1][5:6]={{1,2},{3,4}} → !22000 argument must be empty or one-dimensional array
  1¦\N → {1}
  9¦{} → {9}
  9¦{1,2,3} → {9,1,2,3}
  9¦{1,NULL,3} → {9,1,NULL,3}
  9¦{{1,2},{3,4}} → !22000 argument must be empty or one-dimensional array
  9¦[2:4]={1,2,3} → [2:5]={9,1,2,3}
  9¦[0:1][5:6]={{1,2},{3,4}} → !22000 argument must be empty or one-dimensional array
  9¦\N → {9}
  \N¦{} → {NULL}
  \N¦{1,2,3} → {NULL,1,2,3}
  \N¦{1,NULL,3} → {NULL,1,NULL,3}
  \N¦{{1,2},{3,4}} → !22000 argument must be empty or one-dimensional array
  \N¦[2:4]={1,2,3} → [2:5]={NULL,1,2,3}
  \N¦[0:1][5:6]={{1,2},{3,4}} → !22000 argument must be empty or one-dimensional array
  \N¦\N → {NULL}
array_cat(_int4,_int4)
  {}¦{} → {}
  {}¦[2:4]={1,2,3} → [2:4]={1,2,3}
  {}¦{{{1}}} → {{{1}}}
  {1,2,3}¦{{1,2},{3,4}} → !2202E cannot concatenate incompatible arrays
  {1,2,3}¦{{7,8,9}} → {{1,2,3},{7,8,9}}
  {1,NULL,3}¦{1,NULL,3} → {1,NULL,3,1,NULL,3}
  {1,NULL,3}¦{5,6} → {1,NULL,3,5,6}
  {{1,2},{3,4}}¦{1,NULL,3} → !2202E cannot concatenate incompatible arrays
  {{1,2},{3,4}}¦\N → {{1,2},{3,4}}
  [2:4]={1,2,3}¦{1,2,3} → [2:7]={1,2,3,1,2,3}
  [2:4]={1,2,3}¦[0:1][5:6]={{1,2},{3,4}} → !2202E cannot concatenate incompatible arrays
  [0:1][5:6]={{1,2},{3,4}}¦{} → [0:1][5:6]={{1,2},{3,4}}
  [0:1][5:6]={{1,2},{3,4}}¦[0:1][5:6]={{1,2},{3,4}} → [0:3][5:6]={{1,2},{3,4},{1,2},{3,4}}
  [0:1][5:6]={{1,2},{3,4}}¦{{{1}}} → !2202E cannot concatenate incompatible arrays
  \N¦[2:4]={1,2,3} → [2:4]={1,2,3}
  \N¦{{7,8,9}} → {{7,8,9}}
  {5,6}¦{{1,2},{3,4}} → {{5,6},{1,2},{3,4}}
  {5,6}¦{5,6} → {5,6,5,6}
  {{7,8}}¦{1,NULL,3} → !2202E cannot concatenate incompatible arrays
  {{7,8}}¦{5,6} → {{7,8},{5,6}}
  {{7,8,9}}¦{1,2,3} → {{7,8,9},{1,2,3}}
  {{7,8,9}}¦\N → {{7,8,9}}
  {{{1}}}¦{} → {{{1}}}
  {{{1}}}¦[0:1][5:6]={{1,2},{3,4}} → !2202E cannot concatenate incompatible arrays
  {{{1}}}¦{{{1}}} → {{{1}},{{1}}}
array_fill(int4,_int4)
  7¦{3} → {7,7,7}
  7¦{2,3} → {{7,7,7},{7,7,7}}
  7¦{} → {}
  7¦{0} → {}
  7¦{-1} → !54000 array size exceeds the maximum allowed (134217727)
  \N¦{2} → {NULL,NULL}
  7¦\N → !22004 dimension array or low bound array cannot be null
  7¦{1,NULL} → !22004 dimension values cannot be null
  7¦{{1}} → !2202E wrong number of array subscripts
  1¦{1,1,1,1,1,1,1} → !54000 number of array dimensions (7) exceeds the maximum allowed (6)
  1¦{100000,100000} → !54000 array size exceeds the maximum allowed (134217727)
array_fill(int4,_int4,_int4)
  7¦{3}¦{2} → [2:4]={7,7,7}
  7¦{3,2}¦{2} → !2202E wrong number of array subscripts
  7¦{2,2}¦{0,-1} → [0:1][-1:0]={{7,7},{7,7}}
  7¦{3}¦\N → !22004 dimension array or low bound array cannot be null
trim_array(_int4,int4)
  {}¦0 → {}
  {}¦1 → !2202E number of elements to trim must be between 0 and 0
  {}¦3 → !2202E number of elements to trim must be between 0 and 0
  {}¦-1 → !2202E number of elements to trim must be between 0 and 0
  {1,2,3}¦1 → {1,2}
  {1,2,3}¦2 → {1}
  {1,2,3}¦4 → !2202E number of elements to trim must be between 0 and 3
  {1,NULL,3}¦0 → {1,NULL,3}
  {1,NULL,3}¦2 → {1}
  {1,NULL,3}¦3 → {}
  {1,NULL,3}¦-1 → !2202E number of elements to trim must be between 0 and 3
  {{1,2},{3,4}}¦1 → {{1,2}}
  {{1,2},{3,4}}¦3 → !2202E number of elements to trim must be between 0 and 2
  {{1,2},{3,4}}¦4 → !2202E number of elements to trim must be between 0 and 2
  [2:4]={1,2,3}¦0 → {1,2,3}
  [2:4]={1,2,3}¦2 → {1}
  [2:4]={1,2,3}¦4 → !2202E number of elements to trim must be between 0 and 3
  [2:4]={1,2,3}¦-1 → !2202E number of elements to trim must be between 0 and 3
  [0:1][5:6]={{1,2},{3,4}}¦1 → {{1,2}}
  [0:1][5:6]={{1,2},{3,4}}¦3 → !2202E number of elements to trim must be between 0 and 2
  [0:1][5:6]={{1,2},{3,4}}¦-1 → !2202E number of elements to trim must be between 0 and 2
  \N¦0 → \N
  \N¦2 → \N
  \N¦4 → \N
array_position(_int4,int4)
  {}¦1 → \N
  {}¦3 → \N
  {}¦9 → \N
  {}¦\N → \N
  {1,2,3}¦1 → 1
  {1,2,3}¦3 → 3
  {1,2,3}¦\N → \N
  {1,NULL,3}¦1 → 1
  {1,NULL,3}¦3 → 3
  {1,NULL,3}¦9 → \N
  {1,NULL,3}¦\N → 2
  {{1,2},{3,4}}¦1 → !0A000 searching for elements in multidimensional arrays is not supported
  {{1,2},{3,4}}¦3 → !0A000 searching for elements in multidimensional arrays is not supported
  {{1,2},{3,4}}¦\N → !0A000 searching for elements in multidimensional arrays is not supported
  [2:4]={1,2,3}¦1 → 2
  [2:4]={1,2,3}¦3 → 4
  [2:4]={1,2,3}¦9 → \N
  [2:4]={1,2,3}¦\N → \N
  [0:1][5:6]={{1,2},{3,4}}¦3 → !0A000 searching for elements in multidimensional arrays is not supported
  [0:1][5:6]={{1,2},{3,4}}¦9 → !0A000 searching for elements in multidimensional arrays is not supported
  [0:1][5:6]={{1,2},{3,4}}¦\N → !0A000 searching for elements in multidimensional arrays is not supported
  \N¦1 → \N
  \N¦3 → \N
  \N¦9 → \N
array_position(_int4,int4,int4)
  {1,2,1}¦1¦1 → 1
  {1,2,1}¦1¦2 → 3
  {1,2,1}¦1¦0 → 1
  {1,2,1}¦1¦-5 → 1
  {1,2,1}¦1¦6 → \N
  {1,2,1}¦1¦7 → \N
  {1,2,1}¦1¦\N → !22004 initial position must not be null
  [5:7]={1,2,1}¦1¦1 → 5
  [5:7]={1,2,1}¦1¦2 → 5
  [5:7]={1,2,1}¦1¦0 → 5
  [5:7]={1,2,1}¦1¦-5 → 5
  [5:7]={1,2,1}¦1¦6 → 7
  [5:7]={1,2,1}¦1¦7 → 7
  [5:7]={1,2,1}¦1¦\N → !22004 initial position must not be null
array_positions(_int4,int4)
  {}¦1 → {}
  {}¦3 → {}
  {}¦\N → {}
  {1,2,3}¦1 → {1}
  {1,2,3}¦3 → {3}
  {1,2,3}¦\N → {}
  {1,NULL,3}¦1 → {1}
  {1,NULL,3}¦3 → {3}
  {1,NULL,3}¦\N → {2}
  {{1,2},{3,4}}¦1 → !0A000 searching for elements in multidimensional arrays is not supported
  {{1,2},{3,4}}¦3 → !0A000 searching for elements in multidimensional arrays is not supported
  {{1,2},{3,4}}¦\N → !0A000 searching for elements in multidimensional arrays is not supported
  [2:4]={1,2,3}¦1 → {2}
  [2:4]={1,2,3}¦3 → {4}
  [2:4]={1,2,3}¦\N → {}
  [0:1][5:6]={{1,2},{3,4}}¦1 → !0A000 searching for elements in multidimensional arrays is not supported
  [0:1][5:6]={{1,2},{3,4}}¦3 → !0A000 searching for elements in multidimensional arrays is not supported
  [0:1][5:6]={{1,2},{3,4}}¦\N → !0A000 searching for elements in multidimensional arrays is not supported
  \N¦1 → \N
  \N¦3 → \N
  \N¦\N → \N
  {1,1,2,NULL,NULL}¦1 → {1,2}
  {1,1,2,NULL,NULL}¦3 → {}
  {1,1,2,NULL,NULL}¦\N → {4,5}
array_remove(_int4,int4)
  {}¦1 → {}
  {}¦9 → {}
  {}¦\N → {}
  {1,2,3}¦1 → {2,3}
  {1,2,3}¦9 → {1,2,3}
  {1,2,3}¦\N → {1,2,3}
  {1,NULL,3}¦1 → {NULL,3}
  {1,NULL,3}¦9 → {1,NULL,3}
  {1,NULL,3}¦\N → {1,3}
  {{1,2},{3,4}}¦1 → !0A000 removing elements from multidimensional arrays is not supported
  {{1,2},{3,4}}¦9 → !0A000 removing elements from multidimensional arrays is not supported
  {{1,2},{3,4}}¦\N → !0A000 removing elements from multidimensional arrays is not supported
  [2:4]={1,2,3}¦1 → [2:3]={2,3}
  [2:4]={1,2,3}¦9 → [2:4]={1,2,3}
  [2:4]={1,2,3}¦\N → [2:4]={1,2,3}
  [0:1][5:6]={{1,2},{3,4}}¦1 → !0A000 removing elements from multidimensional arrays is not supported
  [0:1][5:6]={{1,2},{3,4}}¦9 → !0A000 removing elements from multidimensional arrays is not supported
  [0:1][5:6]={{1,2},{3,4}}¦\N → !0A000 removing elements from multidimensional arrays is not supported
  \N¦1 → \N
  \N¦9 → \N
  \N¦\N → \N
  {1,1}¦1 → {}
  {1,1}¦9 → {1,1}
  {1,1}¦\N → {1,1}
array_replace(_int4,int4,int4)
  {}¦1¦7 → {}
  {}¦1¦\N → {}
  {}¦\N¦7 → {}
  {}¦\N¦\N → {}
  {1,2,3}¦1¦7 → {7,2,3}
  {1,2,3}¦1¦\N → {NULL,2,3}
  {1,2,3}¦\N¦\N → {1,2,3}
  {1,NULL,3}¦1¦7 → {7,NULL,3}
  {1,NULL,3}¦1¦\N → {NULL,NULL,3}
  {1,NULL,3}¦\N¦7 → {1,7,3}
  {1,NULL,3}¦\N¦\N → {1,NULL,3}
  {{1,2},{3,4}}¦1¦7 → {{7,2},{3,4}}
  {{1,2},{3,4}}¦1¦\N → {{NULL,2},{3,4}}
  {{1,2},{3,4}}¦\N¦\N → {{1,2},{3,4}}
  [2:4]={1,2,3}¦1¦7 → [2:4]={7,2,3}
  [2:4]={1,2,3}¦1¦\N → [2:4]={NULL,2,3}
  [2:4]={1,2,3}¦\N¦7 → [2:4]={1,2,3}
  [2:4]={1,2,3}¦\N¦\N → [2:4]={1,2,3}
  [0:1][5:6]={{1,2},{3,4}}¦1¦\N → [0:1][5:6]={{NULL,2},{3,4}}
  [0:1][5:6]={{1,2},{3,4}}¦\N¦7 → [0:1][5:6]={{1,2},{3,4}}
  [0:1][5:6]={{1,2},{3,4}}¦\N¦\N → [0:1][5:6]={{1,2},{3,4}}
  \N¦1¦7 → \N
  \N¦1¦\N → \N
  \N¦\N¦7 → \N
arraycontains(_int4,_int4)
  {}¦{} → t
  {}¦[2:4]={1,2,3} → f
  {}¦{1,1,1} → f
  {1,2,3}¦{1,NULL,3} → f
  {1,2,3}¦\N → \N
  {1,NULL,3}¦{} → t
  {1,NULL,3}¦[0:1][5:6]={{1,2},{3,4}} → f
  {1,NULL,3}¦{NULL} → f
  {{1,2},{3,4}}¦{{1,2},{3,4}} → t
  {{1,2},{3,4}}¦{3,1} → t
  [2:4]={1,2,3}¦{1,2,3} → t
  [2:4]={1,2,3}¦[0:1][5:6]={{1,2},{3,4}} → f
  [2:4]={1,2,3}¦{NULL} → f
  [0:1][5:6]={{1,2},{3,4}}¦[2:4]={1,2,3} → t
  [0:1][5:6]={{1,2},{3,4}}¦{1,1,1} → t
  \N¦{1,NULL,3} → \N
  \N¦\N → \N
  {3,1}¦{} → t
  {3,1}¦[0:1][5:6]={{1,2},{3,4}} → f
  {3,1}¦{NULL} → f
  {1,1,1}¦{{1,2},{3,4}} → f
  {1,1,1}¦{3,1} → f
  {NULL}¦{1,2,3} → f
  {NULL}¦[0:1][5:6]={{1,2},{3,4}} → f
arraycontained(_int4,_int4)
  {}¦{} → t
  {}¦[2:4]={1,2,3} → t
  {}¦{1,1,1} → t
  {1,2,3}¦{1,NULL,3} → f
  {1,2,3}¦\N → \N
  {1,NULL,3}¦{} → f
  {1,NULL,3}¦[0:1][5:6]={{1,2},{3,4}} → f
  {1,NULL,3}¦{NULL} → f
  {{1,2},{3,4}}¦{{1,2},{3,4}} → t
  {{1,2},{3,4}}¦{3,1} → f
  [2:4]={1,2,3}¦{1,2,3} → t
  [2:4]={1,2,3}¦[0:1][5:6]={{1,2},{3,4}} → t
  [2:4]={1,2,3}¦{NULL} → f
  [0:1][5:6]={{1,2},{3,4}}¦[2:4]={1,2,3} → f
  [0:1][5:6]={{1,2},{3,4}}¦{1,1,1} → f
  \N¦{1,NULL,3} → \N
  \N¦\N → \N
  {3,1}¦{} → f
  {3,1}¦[0:1][5:6]={{1,2},{3,4}} → t
  {3,1}¦{NULL} → f
  {1,1,1}¦{{1,2},{3,4}} → t
  {1,1,1}¦{3,1} → t
  {NULL}¦{1,2,3} → f
  {NULL}¦[0:1][5:6]={{1,2},{3,4}} → f
arrayoverlap(_int4,_int4)
  {}¦{} → f
  {}¦[2:4]={1,2,3} → f
  {}¦{1,1,1} → f
  {1,2,3}¦{1,NULL,3} → t
  {1,2,3}¦\N → \N
  {1,NULL,3}¦{} → f
  {1,NULL,3}¦[0:1][5:6]={{1,2},{3,4}} → t
  {1,NULL,3}¦{NULL} → f
  {{1,2},{3,4}}¦{{1,2},{3,4}} → t
  {{1,2},{3,4}}¦{3,1} → t
  [2:4]={1,2,3}¦{1,2,3} → t
  [2:4]={1,2,3}¦[0:1][5:6]={{1,2},{3,4}} → t
  [2:4]={1,2,3}¦{NULL} → f
  [0:1][5:6]={{1,2},{3,4}}¦[2:4]={1,2,3} → t
  [0:1][5:6]={{1,2},{3,4}}¦{1,1,1} → t
  \N¦{1,NULL,3} → \N
  \N¦\N → \N
  {3,1}¦{} → f
  {3,1}¦[0:1][5:6]={{1,2},{3,4}} → t
  {3,1}¦{NULL} → f
  {1,1,1}¦{{1,2},{3,4}} → t
  {1,1,1}¦{3,1} → t
  {NULL}¦{1,2,3} → f
  {NULL}¦[0:1][5:6]={{1,2},{3,4}} → f
array_eq(_int4,_int4)
  {}¦{} → t
  {}¦{1,NULL,3} → f
  {}¦[2:4]={1,2,3} → f
  {}¦\N → \N
  {1,2,3}¦{1,2,3} → t
  {1,2,3}¦{{1,2},{3,4}} → f
  {1,2,3}¦[0:1][5:6]={{1,2},{3,4}} → f
  {1,NULL,3}¦{} → f
  {1,NULL,3}¦{1,NULL,3} → t
  {1,NULL,3}¦[2:4]={1,2,3} → f
  {1,NULL,3}¦\N → \N
  {{1,2},{3,4}}¦{1,2,3} → f
  {{1,2},{3,4}}¦{{1,2},{3,4}} → t
  {{1,2},{3,4}}¦[0:1][5:6]={{1,2},{3,4}} → f
  [2:4]={1,2,3}¦{} → f
  [2:4]={1,2,3}¦{1,NULL,3} → f
  [2:4]={1,2,3}¦[2:4]={1,2,3} → t
  [2:4]={1,2,3}¦\N → \N
  [0:1][5:6]={{1,2},{3,4}}¦{1,2,3} → f
  [0:1][5:6]={{1,2},{3,4}}¦{{1,2},{3,4}} → f
  [0:1][5:6]={{1,2},{3,4}}¦[0:1][5:6]={{1,2},{3,4}} → t
  \N¦{} → \N
  \N¦{1,NULL,3} → \N
  \N¦[2:4]={1,2,3} → \N
  \N¦\N → \N
array_lt(_int4,_int4)
  {}¦{} → f
  {}¦{1,NULL,3} → t
  {}¦[2:4]={1,2,3} → t
  {}¦\N → \N
  {1,2,3}¦{1,2,3} → f
  {1,2,3}¦{{1,2},{3,4}} → t
  {1,2,3}¦[0:1][5:6]={{1,2},{3,4}} → t
  {1,NULL,3}¦{} → f
  {1,NULL,3}¦{1,NULL,3} → f
  {1,NULL,3}¦[2:4]={1,2,3} → f
  {1,NULL,3}¦\N → \N
  {{1,2},{3,4}}¦{1,2,3} → f
  {{1,2},{3,4}}¦{{1,2},{3,4}} → f
  {{1,2},{3,4}}¦[0:1][5:6]={{1,2},{3,4}} → f
  [2:4]={1,2,3}¦{} → f
  [2:4]={1,2,3}¦{1,NULL,3} → t
  [2:4]={1,2,3}¦[2:4]={1,2,3} → f
  [2:4]={1,2,3}¦\N → \N
  [0:1][5:6]={{1,2},{3,4}}¦{1,2,3} → f
  [0:1][5:6]={{1,2},{3,4}}¦{{1,2},{3,4}} → t
  [0:1][5:6]={{1,2},{3,4}}¦[0:1][5:6]={{1,2},{3,4}} → f
  \N¦{} → \N
  \N¦{1,NULL,3} → \N
  \N¦[2:4]={1,2,3} → \N
  \N¦\N → \N
btarraycmp(_int4,_int4)
  {}¦{} → 0
  {}¦{1,NULL,3} → -1
  {}¦[2:4]={1,2,3} → -1
  {}¦\N → \N
  {1,2,3}¦{1,2,3} → 0
  {1,2,3}¦{{1,2},{3,4}} → -1
  {1,2,3}¦[0:1][5:6]={{1,2},{3,4}} → -1
  {1,NULL,3}¦{} → 1
  {1,NULL,3}¦{1,NULL,3} → 0
  {1,NULL,3}¦[2:4]={1,2,3} → 1
  {1,NULL,3}¦\N → \N
  {{1,2},{3,4}}¦{1,2,3} → 1
  {{1,2},{3,4}}¦{{1,2},{3,4}} → 0
  {{1,2},{3,4}}¦[0:1][5:6]={{1,2},{3,4}} → 1
  [2:4]={1,2,3}¦{} → 1
  [2:4]={1,2,3}¦{1,NULL,3} → -1
  [2:4]={1,2,3}¦[2:4]={1,2,3} → 0
  [2:4]={1,2,3}¦\N → \N
  [0:1][5:6]={{1,2},{3,4}}¦{1,2,3} → 1
  [0:1][5:6]={{1,2},{3,4}}¦{{1,2},{3,4}} → -1
  [0:1][5:6]={{1,2},{3,4}}¦[0:1][5:6]={{1,2},{3,4}} → 0
  \N¦{} → \N
  \N¦{1,NULL,3} → \N
  \N¦[2:4]={1,2,3} → \N
  \N¦\N → \N
array_ge(_int4,_int4)
  {}¦{} → t
  {}¦{1,NULL,3} → f
  {}¦[2:4]={1,2,3} → f
  {}¦\N → \N
  {1,2,3}¦{1,2,3} → t
  {1,2,3}¦{{1,2},{3,4}} → f
  {1,2,3}¦[0:1][5:6]={{1,2},{3,4}} → f
  {1,NULL,3}¦{} → t
  {1,NULL,3}¦{1,NULL,3} → t
  {1,NULL,3}¦[2:4]={1,2,3} → t
  {1,NULL,3}¦\N → \N
  {{1,2},{3,4}}¦{1,2,3} → t
  {{1,2},{3,4}}¦{{1,2},{3,4}} → t
  {{1,2},{3,4}}¦[0:1][5:6]={{1,2},{3,4}} → t
  [2:4]={1,2,3}¦{} → t
  [2:4]={1,2,3}¦{1,NULL,3} → f
  [2:4]={1,2,3}¦[2:4]={1,2,3} → t
  [2:4]={1,2,3}¦\N → \N
  [0:1][5:6]={{1,2},{3,4}}¦{1,2,3} → t
  [0:1][5:6]={{1,2},{3,4}}¦{{1,2},{3,4}} → f
  [0:1][5:6]={{1,2},{3,4}}¦[0:1][5:6]={{1,2},{3,4}} → t
  \N¦{} → \N
  \N¦{1,NULL,3} → \N
  \N¦[2:4]={1,2,3} → \N
  \N¦\N → \N
array_to_string(_int4,text)
  {}¦, → 
  {}¦ → 
  {}¦ab → 
  {}¦\N → \N
  {1,2,3}¦, → 1,2,3
  {1,2,3}¦ → 123
  {1,2,3}¦\N → \N
  {1,NULL,3}¦, → 1,3
  {1,NULL,3}¦ → 13
  {1,NULL,3}¦ab → 1ab3
  {1,NULL,3}¦\N → \N
  {{1,2},{3,4}}¦, → 1,2,3,4
  {{1,2},{3,4}}¦ → 1234
  {{1,2},{3,4}}¦\N → \N
  [2:4]={1,2,3}¦, → 1,2,3
  [2:4]={1,2,3}¦ → 123
  [2:4]={1,2,3}¦ab → 1ab2ab3
  [2:4]={1,2,3}¦\N → \N
  [0:1][5:6]={{1,2},{3,4}}¦ → 1234
  [0:1][5:6]={{1,2},{3,4}}¦ab → 1ab2ab3ab4
  [0:1][5:6]={{1,2},{3,4}}¦\N → \N
  \N¦, → \N
  \N¦ → \N
  \N¦ab → \N
array_to_string(_int4,text,text)
  {}¦,¦* → 
  {}¦,¦\N → 
  {1,2,3}¦,¦* → 1,2,3
  {1,2,3}¦,¦\N → 1,2,3
  {1,NULL,3}¦,¦* → 1,*,3
  {1,NULL,3}¦,¦\N → 1,3
  {{1,2},{3,4}}¦,¦* → 1,2,3,4
  {{1,2},{3,4}}¦,¦\N → 1,2,3,4
  [2:4]={1,2,3}¦,¦* → 1,2,3
  [2:4]={1,2,3}¦,¦\N → 1,2,3
  [0:1][5:6]={{1,2},{3,4}}¦,¦* → 1,2,3,4
  [0:1][5:6]={{1,2},{3,4}}¦,¦\N → 1,2,3,4
  \N¦,¦* → \N
  \N¦,¦\N → \N
array_to_string(_bool,text)
  {t,f}¦| → t|f
array_to_string(_text,text)
  {"a b",c,NULL}¦- → a b-c
string_to_array(text,text)
  a,b,,c¦, → {a,b,"",c}
  a,b,,c¦ → {"a,b,,c"}
  a,b,,c¦\N → {a,",",b,",",",",c}
  a,b,,c¦x → {"a,b,,c"}
  ¦, → {}
  ¦ → {}
  ¦\N → {}
  ¦x → {}
  abc¦, → {abc}
  abc¦ → {abc}
  abc¦\N → {a,b,c}
  abc¦x → {abc}
  \N¦, → \N
  \N¦ → \N
  \N¦\N → \N
  \N¦x → \N
string_to_array(text,text,text)
  a,b,,c¦,¦b → {a,NULL,"",c}
  a,b,,c¦,¦ → {a,b,NULL,c}
  a,b,,c¦,¦\N → {a,b,"",c}
  a,b,,c¦\N¦b → {a,",",NULL,",",",",c}
  a,b,,c¦\N¦ → {a,",",b,",",",",c}
  a,b,,c¦\N¦\N → {a,",",b,",",",",c}
  a¦,¦b → {a}
  a¦,¦ → {a}
  a¦,¦\N → {a}
  a¦\N¦b → {a}
  a¦\N¦ → {a}
  a¦\N¦\N → {a}
string_to_table(text,text)
  a,b,,c¦, → a | b |  | c
  a,b,,c¦ → a,b,,c
  a,b,,c¦\N → a | , | b | , | , | c
  ¦, → 
  ¦ → 
  ¦\N → 
  \N¦, → 
  \N¦ → 
  \N¦\N → 
string_to_table(text,text,text)
  a,b,c¦,¦b → a |  | c
unnest(_int4)
  {} → 
  {1,2,3} → 1 | 2 | 3
  {1,NULL,3} → 1 |  | 3
  {{1,2},{3,4}} → 1 | 2 | 3 | 4
  [2:4]={1,2,3} → 1 | 2 | 3
  [0:1][5:6]={{1,2},{3,4}} → 1 | 2 | 3 | 4
generate_subscripts(_int4,int4)
  {}¦1 → 
  {}¦2 → 
  {}¦0 → 
  {1,2,3}¦1 → 1 | 2 | 3
  {1,2,3}¦2 → 
  {1,2,3}¦0 → 
  {1,NULL,3}¦1 → 1 | 2 | 3
  {1,NULL,3}¦2 → 
  {1,NULL,3}¦0 → 
  {{1,2},{3,4}}¦1 → 1 | 2
  {{1,2},{3,4}}¦2 → 1 | 2
  {{1,2},{3,4}}¦0 → 
  [2:4]={1,2,3}¦1 → 2 | 3 | 4
  [2:4]={1,2,3}¦2 → 
  [2:4]={1,2,3}¦0 → 
  [0:1][5:6]={{1,2},{3,4}}¦1 → 0 | 1
  [0:1][5:6]={{1,2},{3,4}}¦2 → 5 | 6
  [0:1][5:6]={{1,2},{3,4}}¦0 → 
generate_subscripts(_int4,int4,bool)
  {}¦1¦t → 
  {}¦1¦f → 
  {1,2,3}¦1¦t → 3 | 2 | 1
  {1,2,3}¦1¦f → 1 | 2 | 3
  {1,NULL,3}¦1¦t → 3 | 2 | 1
  {1,NULL,3}¦1¦f → 1 | 2 | 3
  {{1,2},{3,4}}¦1¦t → 2 | 1
  {{1,2},{3,4}}¦1¦f → 1 | 2
  [2:4]={1,2,3}¦1¦t → 4 | 3 | 2
  [2:4]={1,2,3}¦1¦f → 2 | 3 | 4
  [0:1][5:6]={{1,2},{3,4}}¦1¦t → 1 | 0
  [0:1][5:6]={{1,2},{3,4}}¦1¦f → 0 | 1
array_larger(_int4,_int4)
  {1,2}¦{1,3} → {1,3}
arraycontains(_text,_text)
  {a,b}¦{b} → t
  {a,b}¦{B} → f
arraycontains(_numeric,_numeric)
  {1.0,2}¦{1} → t
num_nulls(int4,text,bool)
  1¦\N¦\N → 2
num_nonnulls(int4,text)
  1¦\N → 1
num_nulls(_int4)
  {1,NULL} → 0
  \N → 1
pg_size_pretty(int8)
  0 → 0 bytes
  10239 → 10239 bytes
  10240 → 10 kB
  10485247 → 10239 kB
  -10240 → -10 kB
  1073741824 → 1024 MB
  9223372036854775807 → 8192 PB
  -9223372036854775808 → -8192 PB
  1000000000000 → 931 GB
  10737418240 → 10 GB
  20479 → 20 kB
  20480 → 20 kB
pg_size_pretty(numeric)
  0 → 0 bytes
  10239.5 → 10239.5 bytes
  10240 → 10 kB
  1e20 → 88818 PB
  -1.5 → -1.5 bytes
  10485247 → 10239 kB
  NaN → NaN PB
  1e30 → 888178419700125 PB
  123456789012345678901234567890 → 109651655766237 PB
pg_size_bytes(text)
  1 → 1
  1kB → 1024
  1.5 MB → 1572864
  -1 GB → -1073741824
  1e3 → 1000
  nope → !22023 invalid size: "nope"
  1 x → !22023 invalid size: "1 x"
  \s5  TB\s → 5497558138880
  9223372036854775808 → !22003 bigint out of range
  1 bytes → 1
  10 B → !22023 invalid size: "10 B"
  .5 kB → 512
  1PB → 1125899906842624
format_type(oid,int4)
  23¦-1 → integer
  23¦\N → integer
  1043¦24 → character varying(20)
  1043¦3 → character varying
  1700¦655366 → numeric(10,2)
  1042¦-1 → bpchar
  1042¦\N → character
  1114¦655366 → timestamp(655366) without time zone
  1184¦-1 → timestamp with time zone
  1184¦\N → timestamp with time zone
  25¦\N → text
  1007¦655366 → integer[]
  1231¦-1 → numeric[]
  1231¦\N → numeric[]
  1015¦24 → character varying(20)[]
  1015¦3 → character varying[]
  0¦655366 → -
  16¦-1 → boolean
  16¦\N → boolean
  2950¦\N → uuid
  99999¦655366 → ???
  1083¦-1 → time without time zone
  1083¦\N → time without time zone
  1266¦24 → time(24) with time zone
  1266¦3 → time(3) with time zone
pg_encoding_to_char(int4)
  6 → UTF8
  0 → SQL_ASCII
  8 → LATIN1
pg_char_to_encoding(name)
  utf8 → 6
  UTF-8 → 6
  nope → -1
  latin1 → 8
pg_encoding_max_length(int4)
  6 → 4
  0 → 1
  99 → \N
parse_ident(text,bool)
  foo¦t → {foo}
  foo¦f → {foo}
  "Foo".bar¦t → {Foo,bar}
  "Foo".bar¦f → {Foo,bar}
  a.b.c¦t → {a,b,c}
  a.b.c¦f → {a,b,c}
  \sFoo . "b""c"\s¦t → {foo,"b\\"c"}
  \sFoo . "b""c"\s¦f → {foo,"b\\"c"}
  foo(¦t → !22023 string is not a valid identifier: "foo("
  foo(¦f → {foo}
  1a¦t → !22023 string is not a valid identifier: "1a"
  1a¦f → !22023 string is not a valid identifier: "1a"
  ¦f → !22023 string is not a valid identifier: ""
  "¦t → !22023 string is not a valid identifier: """
  "¦f → !22023 string is not a valid identifier: """
  ""¦t → !22023 string is not a valid identifier: """"
  ""¦f → !22023 string is not a valid identifier: """"
  a.¦t → !22023 string is not a valid identifier: "a."
  a.¦f → !22023 string is not a valid identifier: "a."
  .a¦t → !22023 string is not a valid identifier: ".a"
  .a¦f → !22023 string is not a valid identifier: ".a"
  a..b¦t → !22023 string is not a valid identifier: "a..b"
  a..b¦f → !22023 string is not a valid identifier: "a..b"
  Ünï¦t → {Ünï}
  Ünï¦f → {Ünï}
quote_literal(timestamp)
  2020-01-01 → '2020-01-01 00:00:00'
`
