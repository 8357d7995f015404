/** See parseAnswers for the form. */
export const regexAnswers = String.raw`
textregexeq(text,text)
  ¦ → t
  ¦\\d+ → f
  ¦([a-z]+)\\1 → f
  ¦a{,2} → f
  ¦[a → !2201B invalid regular expression: brackets [] not balanced
  ¦() → t
  ¦[\\w_]+ → f
  ¦(a+?)(b*) → f
  abc¦ → t
  abc¦\\d+ → f
  abc¦([a-z]+)\\1 → f
  abc¦a{,2} → f
  abc¦[a → !2201B invalid regular expression: brackets [] not balanced
  abc¦() → t
  abc¦[\\w_]+ → t
  abc¦(a+?)(b*) → t
  abcd¦ → t
  abcd¦\\d+ → f
  abcd¦([a-z]+)\\1 → f
  abcd¦a{,2} → f
  abcd¦[a → !2201B invalid regular expression: brackets [] not balanced
  abcd¦() → t
  abcd¦[\\w_]+ → t
  abcd¦(a+?)(b*) → t
  ababab¦ → t
  ababab¦\\d+ → f
  ababab¦([a-z]+)\\1 → t
  ababab¦a{,2} → f
  ababab¦[a → !2201B invalid regular expression: brackets [] not balanced
  ababab¦() → t
  ababab¦[\\w_]+ → t
  ababab¦(a+?)(b*) → t
  foobarbaz¦ → t
  foobarbaz¦\\d+ → f
  foobarbaz¦([a-z]+)\\1 → t
  foobarbaz¦a{,2} → f
  foobarbaz¦[a → !2201B invalid regular expression: brackets [] not balanced
  foobarbaz¦() → t
  foobarbaz¦[\\w_]+ → t
  foobarbaz¦(a+?)(b*) → t
  a\nb¦ → t
  a\nb¦\\d+ → f
  a\nb¦([a-z]+)\\1 → f
  a\nb¦a{,2} → f
  a\nb¦[a → !2201B invalid regular expression: brackets [] not balanced
  a\nb¦() → t
  a\nb¦[\\w_]+ → t
  a\nb¦(a+?)(b*) → t
  XY1234Z¦ → t
  XY1234Z¦\\d+ → t
  XY1234Z¦([a-z]+)\\1 → f
  XY1234Z¦a{,2} → f
  XY1234Z¦[a → !2201B invalid regular expression: brackets [] not balanced
  XY1234Z¦() → t
  XY1234Z¦[\\w_]+ → t
  XY1234Z¦(a+?)(b*) → f
  123-456¦ → t
  123-456¦\\d+ → t
  123-456¦([a-z]+)\\1 → f
  123-456¦a{,2} → f
  123-456¦[a → !2201B invalid regular expression: brackets [] not balanced
  123-456¦() → t
  123-456¦[\\w_]+ → t
  123-456¦(a+?)(b*) → f
  hello world¦ → t
  hello world¦\\d+ → f
  hello world¦([a-z]+)\\1 → t
  hello world¦a{,2} → f
  hello world¦[a → !2201B invalid regular expression: brackets [] not balanced
  hello world¦() → t
  hello world¦[\\w_]+ → t
  hello world¦(a+?)(b*) → f
  aaa¦ → t
  aaa¦\\d+ → f
  aaa¦([a-z]+)\\1 → t
  aaa¦a{,2} → f
  aaa¦[a → !2201B invalid regular expression: brackets [] not balanced
  aaa¦() → t
  aaa¦[\\w_]+ → t
  aaa¦(a+?)(b*) → t
  日本語a¦ → t
  日本語a¦\\d+ → f
  日本語a¦([a-z]+)\\1 → f
  日本語a¦a{,2} → f
  日本語a¦[a → !2201B invalid regular expression: brackets [] not balanced
  日本語a¦() → t
  日本語a¦[\\w_]+ → t
  日本語a¦(a+?)(b*) → t
  a😀b¦ → t
  a😀b¦\\d+ → f
  a😀b¦([a-z]+)\\1 → f
  a😀b¦a{,2} → f
  a😀b¦[a → !2201B invalid regular expression: brackets [] not balanced
  a😀b¦() → t
  a😀b¦[\\w_]+ → t
  a😀b¦(a+?)(b*) → t
  Foo_bar 12¦ → t
  Foo_bar 12¦\\d+ → t
  Foo_bar 12¦([a-z]+)\\1 → t
  Foo_bar 12¦a{,2} → f
  Foo_bar 12¦[a → !2201B invalid regular expression: brackets [] not balanced
  Foo_bar 12¦() → t
  Foo_bar 12¦[\\w_]+ → t
  Foo_bar 12¦(a+?)(b*) → t
  ((x))¦ → t
  ((x))¦\\d+ → f
  ((x))¦([a-z]+)\\1 → f
  ((x))¦a{,2} → f
  ((x))¦[a → !2201B invalid regular expression: brackets [] not balanced
  ((x))¦() → t
  ((x))¦[\\w_]+ → t
  ((x))¦(a+?)(b*) → f
  abcabc¦ → t
  abcabc¦\\d+ → f
  abcabc¦([a-z]+)\\1 → t
  abcabc¦a{,2} → f
  abcabc¦[a → !2201B invalid regular expression: brackets [] not balanced
  abcabc¦() → t
  abcabc¦[\\w_]+ → t
  abcabc¦(a+?)(b*) → t
regexp_match(text,text)
  ¦ → {""}
  ¦\\d+ → \N
  ¦([a-z]+)\\1 → \N
  ¦a{,2} → \N
  ¦[a → !2201B invalid regular expression: brackets [] not balanced
  ¦() → {""}
  ¦[\\w_]+ → \N
  ¦(a+?)(b*) → \N
  abc¦ → {""}
  abc¦\\d+ → \N
  abc¦([a-z]+)\\1 → \N
  abc¦a{,2} → \N
  abc¦[a → !2201B invalid regular expression: brackets [] not balanced
  abc¦() → {""}
  abc¦[\\w_]+ → {abc}
  abc¦(a+?)(b*) → {a,""}
  abcd¦ → {""}
  abcd¦\\d+ → \N
  abcd¦([a-z]+)\\1 → \N
  abcd¦a{,2} → \N
  abcd¦[a → !2201B invalid regular expression: brackets [] not balanced
  abcd¦() → {""}
  abcd¦[\\w_]+ → {abcd}
  abcd¦(a+?)(b*) → {a,""}
  ababab¦ → {""}
  ababab¦\\d+ → \N
  ababab¦([a-z]+)\\1 → {ab}
  ababab¦a{,2} → \N
  ababab¦[a → !2201B invalid regular expression: brackets [] not balanced
  ababab¦() → {""}
  ababab¦[\\w_]+ → {ababab}
  ababab¦(a+?)(b*) → {a,""}
  foobarbaz¦ → {""}
  foobarbaz¦\\d+ → \N
  foobarbaz¦([a-z]+)\\1 → {o}
  foobarbaz¦a{,2} → \N
  foobarbaz¦[a → !2201B invalid regular expression: brackets [] not balanced
  foobarbaz¦() → {""}
  foobarbaz¦[\\w_]+ → {foobarbaz}
  foobarbaz¦(a+?)(b*) → {a,""}
  a\nb¦ → {""}
  a\nb¦\\d+ → \N
  a\nb¦([a-z]+)\\1 → \N
  a\nb¦a{,2} → \N
  a\nb¦[a → !2201B invalid regular expression: brackets [] not balanced
  a\nb¦() → {""}
  a\nb¦[\\w_]+ → {a}
  a\nb¦(a+?)(b*) → {a,""}
  XY1234Z¦ → {""}
  XY1234Z¦\\d+ → {1234}
  XY1234Z¦([a-z]+)\\1 → \N
  XY1234Z¦a{,2} → \N
  XY1234Z¦[a → !2201B invalid regular expression: brackets [] not balanced
  XY1234Z¦() → {""}
  XY1234Z¦[\\w_]+ → {XY1234Z}
  XY1234Z¦(a+?)(b*) → \N
  123-456¦ → {""}
  123-456¦\\d+ → {123}
  123-456¦([a-z]+)\\1 → \N
  123-456¦a{,2} → \N
  123-456¦[a → !2201B invalid regular expression: brackets [] not balanced
  123-456¦() → {""}
  123-456¦[\\w_]+ → {123}
  123-456¦(a+?)(b*) → \N
  hello world¦ → {""}
  hello world¦\\d+ → \N
  hello world¦([a-z]+)\\1 → {l}
  hello world¦a{,2} → \N
  hello world¦[a → !2201B invalid regular expression: brackets [] not balanced
  hello world¦() → {""}
  hello world¦[\\w_]+ → {hello}
  hello world¦(a+?)(b*) → \N
  aaa¦ → {""}
  aaa¦\\d+ → \N
  aaa¦([a-z]+)\\1 → {a}
  aaa¦a{,2} → \N
  aaa¦[a → !2201B invalid regular expression: brackets [] not balanced
  aaa¦() → {""}
  aaa¦[\\w_]+ → {aaa}
  aaa¦(a+?)(b*) → {a,""}
  日本語a¦ → {""}
  日本語a¦\\d+ → \N
  日本語a¦([a-z]+)\\1 → \N
  日本語a¦a{,2} → \N
  日本語a¦[a → !2201B invalid regular expression: brackets [] not balanced
  日本語a¦() → {""}
  日本語a¦[\\w_]+ → {日本語a}
  日本語a¦(a+?)(b*) → {a,""}
  a😀b¦ → {""}
  a😀b¦\\d+ → \N
  a😀b¦([a-z]+)\\1 → \N
  a😀b¦a{,2} → \N
  a😀b¦[a → !2201B invalid regular expression: brackets [] not balanced
  a😀b¦() → {""}
  a😀b¦[\\w_]+ → {a}
  a😀b¦(a+?)(b*) → {a,""}
  Foo_bar 12¦ → {""}
  Foo_bar 12¦\\d+ → {12}
  Foo_bar 12¦([a-z]+)\\1 → {o}
  Foo_bar 12¦a{,2} → \N
  Foo_bar 12¦[a → !2201B invalid regular expression: brackets [] not balanced
  Foo_bar 12¦() → {""}
  Foo_bar 12¦[\\w_]+ → {Foo_bar}
  Foo_bar 12¦(a+?)(b*) → {a,""}
  ((x))¦ → {""}
  ((x))¦\\d+ → \N
  ((x))¦([a-z]+)\\1 → \N
  ((x))¦a{,2} → \N
  ((x))¦[a → !2201B invalid regular expression: brackets [] not balanced
  ((x))¦() → {""}
  ((x))¦[\\w_]+ → {x}
  ((x))¦(a+?)(b*) → \N
  abcabc¦ → {""}
  abcabc¦\\d+ → \N
  abcabc¦([a-z]+)\\1 → {abc}
  abcabc¦a{,2} → \N
  abcabc¦[a → !2201B invalid regular expression: brackets [] not balanced
  abcabc¦() → {""}
  abcabc¦[\\w_]+ → {abcabc}
  abcabc¦(a+?)(b*) → {a,""}
substring(text,text)
  ¦ → 
  ¦\\d+ → \N
  ¦([a-z]+)\\1 → \N
  ¦a{,2} → \N
  ¦[a → !2201B invalid regular expression: brackets [] not balanced
  ¦() → 
  ¦[\\w_]+ → \N
  ¦(a+?)(b*) → \N
  abc¦ → 
  abc¦\\d+ → \N
  abc¦([a-z]+)\\1 → \N
  abc¦a{,2} → \N
  abc¦[a → !2201B invalid regular expression: brackets [] not balanced
  abc¦() → 
  abc¦[\\w_]+ → abc
  abc¦(a+?)(b*) → a
  abcd¦ → 
  abcd¦\\d+ → \N
  abcd¦([a-z]+)\\1 → \N
  abcd¦a{,2} → \N
  abcd¦[a → !2201B invalid regular expression: brackets [] not balanced
  abcd¦() → 
  abcd¦[\\w_]+ → abcd
  abcd¦(a+?)(b*) → a
  ababab¦ → 
  ababab¦\\d+ → \N
  ababab¦([a-z]+)\\1 → ab
  ababab¦a{,2} → \N
  ababab¦[a → !2201B invalid regular expression: brackets [] not balanced
  ababab¦() → 
  ababab¦[\\w_]+ → ababab
  ababab¦(a+?)(b*) → a
  foobarbaz¦ → 
  foobarbaz¦\\d+ → \N
  foobarbaz¦([a-z]+)\\1 → o
  foobarbaz¦a{,2} → \N
  foobarbaz¦[a → !2201B invalid regular expression: brackets [] not balanced
  foobarbaz¦() → 
  foobarbaz¦[\\w_]+ → foobarbaz
  foobarbaz¦(a+?)(b*) → a
  a\nb¦ → 
  a\nb¦\\d+ → \N
  a\nb¦([a-z]+)\\1 → \N
  a\nb¦a{,2} → \N
  a\nb¦[a → !2201B invalid regular expression: brackets [] not balanced
  a\nb¦() → 
  a\nb¦[\\w_]+ → a
  a\nb¦(a+?)(b*) → a
  XY1234Z¦ → 
  XY1234Z¦\\d+ → 1234
  XY1234Z¦([a-z]+)\\1 → \N
  XY1234Z¦a{,2} → \N
  XY1234Z¦[a → !2201B invalid regular expression: brackets [] not balanced
  XY1234Z¦() → 
  XY1234Z¦[\\w_]+ → XY1234Z
  XY1234Z¦(a+?)(b*) → \N
  123-456¦ → 
  123-456¦\\d+ → 123
  123-456¦([a-z]+)\\1 → \N
  123-456¦a{,2} → \N
  123-456¦[a → !2201B invalid regular expression: brackets [] not balanced
  123-456¦() → 
  123-456¦[\\w_]+ → 123
  123-456¦(a+?)(b*) → \N
  hello world¦ → 
  hello world¦\\d+ → \N
  hello world¦([a-z]+)\\1 → l
  hello world¦a{,2} → \N
  hello world¦[a → !2201B invalid regular expression: brackets [] not balanced
  hello world¦() → 
  hello world¦[\\w_]+ → hello
  hello world¦(a+?)(b*) → \N
  aaa¦ → 
  aaa¦\\d+ → \N
  aaa¦([a-z]+)\\1 → a
  aaa¦a{,2} → \N
  aaa¦[a → !2201B invalid regular expression: brackets [] not balanced
  aaa¦() → 
  aaa¦[\\w_]+ → aaa
  aaa¦(a+?)(b*) → a
  日本語a¦ → 
  日本語a¦\\d+ → \N
  日本語a¦([a-z]+)\\1 → \N
  日本語a¦a{,2} → \N
  日本語a¦[a → !2201B invalid regular expression: brackets [] not balanced
  日本語a¦() → 
  日本語a¦[\\w_]+ → 日本語a
  日本語a¦(a+?)(b*) → a
  a😀b¦ → 
  a😀b¦\\d+ → \N
  a😀b¦([a-z]+)\\1 → \N
  a😀b¦a{,2} → \N
  a😀b¦[a → !2201B invalid regular expression: brackets [] not balanced
  a😀b¦() → 
  a😀b¦[\\w_]+ → a
  a😀b¦(a+?)(b*) → a
  Foo_bar 12¦ → 
  Foo_bar 12¦\\d+ → 12
  Foo_bar 12¦([a-z]+)\\1 → o
  Foo_bar 12¦a{,2} → \N
  Foo_bar 12¦[a → !2201B invalid regular expression: brackets [] not balanced
  Foo_bar 12¦() → 
  Foo_bar 12¦[\\w_]+ → Foo_bar
  Foo_bar 12¦(a+?)(b*) → a
  ((x))¦ → 
  ((x))¦\\d+ → \N
  ((x))¦([a-z]+)\\1 → \N
  ((x))¦a{,2} → \N
  ((x))¦[a → !2201B invalid regular expression: brackets [] not balanced
  ((x))¦() → 
  ((x))¦[\\w_]+ → x
  ((x))¦(a+?)(b*) → \N
  abcabc¦ → 
  abcabc¦\\d+ → \N
  abcabc¦([a-z]+)\\1 → abc
  abcabc¦a{,2} → \N
  abcabc¦[a → !2201B invalid regular expression: brackets [] not balanced
  abcabc¦() → 
  abcabc¦[\\w_]+ → abcabc
  abcabc¦(a+?)(b*) → a
texticregexeq(text,text)
  ABC¦abc → t
  ABC¦[a-c]+ → t
  ABC¦Ä → f
  ABC¦f[^O] → f
  ABC¦\\w{3} → t
  ABC¦[[:upper:]] → t
  ABC¦[[:lower:]] → t
  ABC¦(F)oo\\1 → f
  äX¦abc → f
  äX¦[a-c]+ → f
  äX¦Ä → t
  äX¦f[^O] → f
  äX¦\\w{3} → f
  äX¦[[:upper:]] → t
  äX¦[[:lower:]] → t
  äX¦(F)oo\\1 → f
  Foo¦abc → f
  Foo¦[a-c]+ → f
  Foo¦Ä → f
  Foo¦f[^O] → f
  Foo¦\\w{3} → t
  Foo¦[[:upper:]] → t
  Foo¦[[:lower:]] → t
  Foo¦(F)oo\\1 → f
regexp_matches(text,text,text)
  a,b,,c¦¦g → {""} | {""} | {""} | {""} | {""} | {""} | {""}
  a,b,,c¦¦ → {""}
  a,b,,c¦,¦g → {","} | {","} | {","}
  a,b,,c¦,¦ → {","}
  a,b,,c¦\\s+¦g → 
  a,b,,c¦\\s+¦ → 
  a,b,,c¦a*¦g → {a} | {""} | {""} | {""} | {""} | {""} | {""}
  a,b,,c¦a*¦ → {a}
  a,b,,c¦b¦g → {b}
  a,b,,c¦b¦ → {b}
  a,b,,c¦(a)|b¦g → {a} | {NULL}
  a,b,,c¦(a)|b¦ → {a}
  a,b,,c¦x¦g → 
  a,b,,c¦x¦ → 
  a,b,,c¦.¦g → {a} | {","} | {b} | {","} | {","} | {c}
  a,b,,c¦.¦ → {a}
  a,b,,c¦\d¦g → {""}
  a,b,,c¦\d¦ → {""}
  a,b,,c¦^¦g → {""}
  a,b,,c¦^¦ → {""}
  a,b,,c¦\\m¦g → {""} | {""} | {""}
  a,b,,c¦\\m¦ → {""}
  abcabc¦¦g → {""} | {""} | {""} | {""} | {""} | {""} | {""}
  abcabc¦¦ → {""}
  abcabc¦,¦g → 
  abcabc¦,¦ → 
  abcabc¦\\s+¦g → 
  abcabc¦\\s+¦ → 
  abcabc¦a*¦g → {a} | {""} | {""} | {a} | {""} | {""} | {""}
  abcabc¦a*¦ → {a}
  abcabc¦b¦g → {b} | {b}
  abcabc¦b¦ → {b}
  abcabc¦(a)|b¦g → {a} | {NULL} | {a} | {NULL}
  abcabc¦(a)|b¦ → {a}
  abcabc¦x¦g → 
  abcabc¦x¦ → 
  abcabc¦.¦g → {a} | {b} | {c} | {a} | {b} | {c}
  abcabc¦.¦ → {a}
  abcabc¦\d¦g → {""}
  abcabc¦\d¦ → {""}
  abcabc¦^¦g → {""}
  abcabc¦^¦ → {""}
  abcabc¦\\m¦g → {""}
  abcabc¦\\m¦ → {""}
  hello  world¦¦g → {""} | {""} | {""} | {""} | {""} | {""} | {""} | {""} | {""} | {""} | {""} | {""} | {""}
  hello  world¦¦ → {""}
  hello  world¦,¦g → 
  hello  world¦,¦ → 
  hello  world¦\\s+¦g → {"  "}
  hello  world¦\\s+¦ → {"  "}
  hello  world¦a*¦g → {""} | {""} | {""} | {""} | {""} | {""} | {""} | {""} | {""} | {""} | {""} | {""} | {""}
  hello  world¦a*¦ → {""}
  hello  world¦b¦g → 
  hello  world¦b¦ → 
  hello  world¦(a)|b¦g → 
  hello  world¦(a)|b¦ → 
  hello  world¦x¦g → 
  hello  world¦x¦ → 
  hello  world¦.¦g → {h} | {e} | {l} | {l} | {o} | {" "} | {" "} | {w} | {o} | {r} | {l} | {d}
  hello  world¦.¦ → {h}
  hello  world¦\d¦g → {""}
  hello  world¦\d¦ → {""}
  hello  world¦^¦g → {""}
  hello  world¦^¦ → {""}
  hello  world¦\\m¦g → {""} | {""}
  hello  world¦\\m¦ → {""}
  ¦¦g → {""}
  ¦¦ → {""}
  ¦,¦g → 
  ¦,¦ → 
  ¦\\s+¦g → 
  ¦\\s+¦ → 
  ¦a*¦g → {""}
  ¦a*¦ → {""}
  ¦b¦g → 
  ¦b¦ → 
  ¦(a)|b¦g → 
  ¦(a)|b¦ → 
  ¦x¦g → 
  ¦x¦ → 
  ¦.¦g → 
  ¦.¦ → 
  ¦\d¦g → {""}
  ¦\d¦ → {""}
  ¦^¦g → {""}
  ¦^¦ → {""}
  ¦\\m¦g → 
  ¦\\m¦ → 
  aab¦¦g → {""} | {""} | {""} | {""}
  aab¦¦ → {""}
  aab¦,¦g → 
  aab¦,¦ → 
  aab¦\\s+¦g → 
  aab¦\\s+¦ → 
  aab¦a*¦g → {aa} | {""} | {""}
  aab¦a*¦ → {aa}
  aab¦b¦g → {b}
  aab¦b¦ → {b}
  aab¦(a)|b¦g → {a} | {a} | {NULL}
  aab¦(a)|b¦ → {a}
  aab¦x¦g → 
  aab¦x¦ → 
  aab¦.¦g → {a} | {a} | {b}
  aab¦.¦ → {a}
  aab¦\d¦g → {""}
  aab¦\d¦ → {""}
  aab¦^¦g → {""}
  aab¦^¦ → {""}
  aab¦\\m¦g → {""}
  aab¦\\m¦ → {""}
regexp_split_to_array(text,text)
  a,b,,c¦ → {a,",",b,",",",",c}
  a,b,,c¦, → {a,b,"",c}
  a,b,,c¦\\s+ → {"a,b,,c"}
  a,b,,c¦a* → {"",",",b,",",",",c}
  a,b,,c¦b → {"a,",",,c"}
  a,b,,c¦(a)|b → {"",",",",,c"}
  a,b,,c¦x → {"a,b,,c"}
  a,b,,c¦. → {"","","","","","",""}
  a,b,,c¦\d → {"a,b,,c"}
  a,b,,c¦^ → {"a,b,,c"}
  a,b,,c¦\\m → {"a,","b,,",c}
  abcabc¦ → {a,b,c,a,b,c}
  abcabc¦, → {abcabc}
  abcabc¦\\s+ → {abcabc}
  abcabc¦a* → {"",b,c,b,c}
  abcabc¦b → {a,ca,c}
  abcabc¦(a)|b → {"","",c,"",c}
  abcabc¦x → {abcabc}
  abcabc¦. → {"","","","","","",""}
  abcabc¦\d → {abcabc}
  abcabc¦^ → {abcabc}
  abcabc¦\\m → {abcabc}
  hello  world¦ → {h,e,l,l,o," "," ",w,o,r,l,d}
  hello  world¦, → {"hello  world"}
  hello  world¦\\s+ → {hello,world}
  hello  world¦a* → {h,e,l,l,o," "," ",w,o,r,l,d}
  hello  world¦b → {"hello  world"}
  hello  world¦(a)|b → {"hello  world"}
  hello  world¦x → {"hello  world"}
  hello  world¦. → {"","","","","","","","","","","","",""}
  hello  world¦\d → {"hello  world"}
  hello  world¦^ → {"hello  world"}
  hello  world¦\\m → {"hello  ",world}
  ¦ → {""}
  ¦, → {""}
  ¦\\s+ → {""}
  ¦a* → {""}
  ¦b → {""}
  ¦(a)|b → {""}
  ¦x → {""}
  ¦. → {""}
  ¦\d → {""}
  ¦^ → {""}
  ¦\\m → {""}
  aab¦ → {a,a,b}
  aab¦, → {aab}
  aab¦\\s+ → {aab}
  aab¦a* → {"",b}
  aab¦b → {aa,""}
  aab¦(a)|b → {"","","",""}
  aab¦x → {aab}
  aab¦. → {"","","",""}
  aab¦\d → {aab}
  aab¦^ → {aab}
  aab¦\\m → {aab}
regexp_split_to_table(text,text)
  a,b,,c¦ → a | , | b | , | , | c
  a,b,,c¦, → a | b |  | c
  a,b,,c¦\\s+ → a,b,,c
  a,b,,c¦a* → \s| , | b | , | , | c
  a,b,,c¦b → a, | ,,c
  a,b,,c¦(a)|b → \s| , | ,,c
  a,b,,c¦x → a,b,,c
  a,b,,c¦. → \s|  |  |  |  |  |\s
  a,b,,c¦\d → a,b,,c
  a,b,,c¦^ → a,b,,c
  a,b,,c¦\\m → a, | b,, | c
  hello  world¦ → h | e | l | l | o |   |   | w | o | r | l | d
  hello  world¦, → hello  world
  hello  world¦\\s+ → hello | world
  hello  world¦a* → h | e | l | l | o |   |   | w | o | r | l | d
  hello  world¦b → hello  world
  hello  world¦(a)|b → hello  world
  hello  world¦x → hello  world
  hello  world¦. → \s|  |  |  |  |  |  |  |  |  |  |  |\s
  hello  world¦\d → hello  world
  hello  world¦^ → hello  world
  hello  world¦\\m → hello   | world
  ¦ → 
  ¦, → 
  ¦\\s+ → 
  ¦a* → 
  ¦b → 
  ¦(a)|b → 
  ¦x → 
  ¦. → 
  ¦\d → 
  ¦^ → 
  ¦\\m → 
regexp_replace(text,text,text)
  abcabc¦a¦X → Xbcabc
  abcabc¦a¦[\\1] → []bcabc
  abcabc¦a¦\\\\ → \\bcabc
  abcabc¦a¦\\2\\1 → bcabc
  abcabc¦a¦\\0 → \\0bcabc
  abcabc¦(.)(.)¦X → Xcabc
  abcabc¦(.)(.)¦[\\1] → [a]cabc
  abcabc¦(.)(.)¦\\\\ → \\cabc
  abcabc¦(.)(.)¦\\2\\1 → bacabc
  abcabc¦(.)(.)¦\\0 → \\0cabc
  abcabc¦(.)(.)¦\d1 → \d1cabc
  abcabc¦x*¦[\\1] → []abcabc
  abcabc¦x*¦\\\\ → \\abcabc
  abcabc¦x*¦\\2\\1 → abcabc
  abcabc¦x*¦\\0 → \\0abcabc
  abcabc¦\\w+¦X → X
  abcabc¦\\w+¦[\\1] → []
  abcabc¦\\w+¦\\\\ → \\
  abcabc¦\\w+¦\\2\\1 → 
  abcabc¦\\w+¦\\0 → \\0
  abcabc¦\d¦X → abcabcX
  abcabc¦\d¦[\\1] → abcabc[]
  abcabc¦\d¦\\\\ → abcabc\\
  abcabc¦\d¦\\2\\1 → abcabc
  abcabc¦\d¦\\0 → abcabc\\0
  abcabc¦o|w¦X → abcabc
  abcabc¦o|w¦[\\1] → abcabc
  abcabc¦o|w¦\\\\ → abcabc
  abcabc¦o|w¦\\2\\1 → abcabc
  abcabc¦o|w¦\\0 → abcabc
  hello world¦a¦X → hello world
  hello world¦a¦[\\1] → hello world
  hello world¦a¦\\\\ → hello world
  hello world¦a¦\\2\\1 → hello world
  hello world¦a¦\\0 → hello world
  hello world¦(.)(.)¦X → Xllo world
  hello world¦(.)(.)¦[\\1] → [h]llo world
  hello world¦(.)(.)¦\\\\ → \\llo world
  hello world¦(.)(.)¦\\2\\1 → ehllo world
  hello world¦(.)(.)¦\\0 → \\0llo world
  hello world¦x*¦X → Xhello world
  hello world¦x*¦[\\1] → []hello world
  hello world¦x*¦\\\\ → \\hello world
  hello world¦x*¦\\2\\1 → hello world
  hello world¦x*¦\\0 → \\0hello world
  hello world¦\\w+¦X → X world
  hello world¦\\w+¦[\\1] → [] world
  hello world¦\\w+¦\\\\ → \\ world
  hello world¦\\w+¦\\2\\1 → \sworld
  hello world¦\\w+¦\\0 → \\0 world
  hello world¦\\w+¦\d1 → \d1 world
  hello world¦\d¦[\\1] → hello world[]
  hello world¦\d¦\\\\ → hello world\\
  hello world¦\d¦\\2\\1 → hello world
  hello world¦\d¦\\0 → hello world\\0
  hello world¦\d¦\d1 → hello world\d1
  hello world¦o|w¦[\\1] → hell[] world
  hello world¦o|w¦\\\\ → hell\\ world
  hello world¦o|w¦\\2\\1 → hell world
  hello world¦o|w¦\\0 → hell\\0 world
  hello world¦o|w¦\d1 → hell\d1 world
  ¦a¦[\\1] → 
  ¦a¦\\\\ → 
  ¦a¦\\2\\1 → 
  ¦a¦\\0 → 
  ¦a¦\d1 → 
  ¦(.)(.)¦[\\1] → 
  ¦(.)(.)¦\\\\ → 
  ¦(.)(.)¦\\2\\1 → 
  ¦(.)(.)¦\\0 → 
  ¦(.)(.)¦\d1 → 
  ¦x*¦[\\1] → []
  ¦x*¦\\\\ → \\
  ¦x*¦\\2\\1 → 
  ¦x*¦\\0 → \\0
  ¦x*¦\d1 → \d1
  ¦\\w+¦[\\1] → 
  ¦\\w+¦\\\\ → 
  ¦\\w+¦\\2\\1 → 
  ¦\\w+¦\\0 → 
  ¦\\w+¦\d1 → 
  ¦\d¦[\\1] → []
  ¦\d¦\\\\ → \\
  ¦\d¦\\2\\1 → 
  ¦\d¦\\0 → \\0
  ¦\d¦\d1 → \d1
  ¦o|w¦[\\1] → 
  ¦o|w¦\\\\ → 
  ¦o|w¦\\2\\1 → 
  ¦o|w¦\\0 → 
  ¦o|w¦\d1 → 
  a😀a¦a¦[\\1] → []😀a
  a😀a¦a¦\\\\ → \\😀a
  a😀a¦a¦\\2\\1 → 😀a
  a😀a¦a¦\\0 → \\0😀a
  a😀a¦a¦\d1 → \d1😀a
  a😀a¦(.)(.)¦[\\1] → [a]a
  a😀a¦(.)(.)¦\\\\ → \\a
  a😀a¦(.)(.)¦\\2\\1 → 😀aa
  a😀a¦(.)(.)¦\\0 → \\0a
  a😀a¦(.)(.)¦\d1 → \d1a
  a😀a¦x*¦[\\1] → []a😀a
  a😀a¦x*¦\\\\ → \\a😀a
  a😀a¦x*¦\\2\\1 → a😀a
  a😀a¦x*¦\\0 → \\0a😀a
  a😀a¦x*¦\d1 → \d1a😀a
  a😀a¦\\w+¦[\\1] → []😀a
  a😀a¦\\w+¦\\\\ → \\😀a
  a😀a¦\\w+¦\\2\\1 → 😀a
  a😀a¦\\w+¦\\0 → \\0😀a
  a😀a¦\\w+¦\d1 → \d1😀a
  a😀a¦\d¦[\\1] → a😀a[]
  a😀a¦\d¦\\\\ → a😀a\\
  a😀a¦\d¦\\2\\1 → a😀a
  a😀a¦\d¦\\0 → a😀a\\0
  a😀a¦\d¦\d1 → a😀a\d1
  a😀a¦o|w¦[\\1] → a😀a
  a😀a¦o|w¦\\\\ → a😀a
  a😀a¦o|w¦\\2\\1 → a😀a
  a😀a¦o|w¦\\0 → a😀a
  a😀a¦o|w¦\d1 → a😀a
regexp_replace(text,text,text,text)
  abcabc¦a¦X¦g → XbcXbc
  abcabc¦a¦X¦gi → XbcXbc
  abcabc¦a¦X¦1 → !22023 invalid regular expression option: "1"
  abcabc¦a¦[\\1]¦g → []bc[]bc
  abcabc¦a¦[\\1]¦gi → []bc[]bc
  abcabc¦a¦[\\1]¦1 → !22023 invalid regular expression option: "1"
  abcabc¦(.)(.)¦X¦g → XXX
  abcabc¦(.)(.)¦X¦gi → XXX
  abcabc¦(.)(.)¦X¦1 → !22023 invalid regular expression option: "1"
  abcabc¦(.)(.)¦[\\1]¦g → [a][c][b]
  abcabc¦(.)(.)¦[\\1]¦gi → [a][c][b]
  abcabc¦(.)(.)¦[\\1]¦1 → !22023 invalid regular expression option: "1"
  abcabc¦x*¦X¦g → XaXbXcXaXbXcX
  abcabc¦x*¦X¦gi → XaXbXcXaXbXcX
  abcabc¦x*¦X¦1 → !22023 invalid regular expression option: "1"
  abcabc¦x*¦[\\1]¦g → []a[]b[]c[]a[]b[]c[]
  abcabc¦x*¦[\\1]¦gi → []a[]b[]c[]a[]b[]c[]
  abcabc¦x*¦[\\1]¦1 → !22023 invalid regular expression option: "1"
  abcabc¦\\w+¦X¦g → X
  abcabc¦\\w+¦X¦gi → X
  abcabc¦\\w+¦X¦1 → !22023 invalid regular expression option: "1"
  abcabc¦\\w+¦[\\1]¦g → []
  abcabc¦\\w+¦[\\1]¦gi → []
  abcabc¦\\w+¦[\\1]¦1 → !22023 invalid regular expression option: "1"
  abcabc¦b*¦X¦g → XaXXcXaXXcX
  abcabc¦b*¦X¦gi → XaXXcXaXXcX
  abcabc¦b*¦X¦1 → !22023 invalid regular expression option: "1"
  abcabc¦b*¦[\\1]¦g → []a[][]c[]a[][]c[]
  abcabc¦b*¦[\\1]¦gi → []a[][]c[]a[][]c[]
  abcabc¦b*¦[\\1]¦1 → !22023 invalid regular expression option: "1"
  hello world¦a¦X¦g → hello world
  hello world¦a¦X¦gi → hello world
  hello world¦a¦X¦1 → !22023 invalid regular expression option: "1"
  hello world¦a¦[\\1]¦g → hello world
  hello world¦a¦[\\1]¦gi → hello world
  hello world¦a¦[\\1]¦1 → !22023 invalid regular expression option: "1"
  hello world¦(.)(.)¦X¦g → XXXXXd
  hello world¦(.)(.)¦X¦gi → XXXXXd
  hello world¦(.)(.)¦X¦1 → !22023 invalid regular expression option: "1"
  hello world¦(.)(.)¦[\\1]¦g → [h][l][o][w][r]d
  hello world¦(.)(.)¦[\\1]¦gi → [h][l][o][w][r]d
  hello world¦(.)(.)¦[\\1]¦1 → !22023 invalid regular expression option: "1"
  hello world¦x*¦X¦g → XhXeXlXlXoX XwXoXrXlXdX
  hello world¦x*¦X¦gi → XhXeXlXlXoX XwXoXrXlXdX
  hello world¦x*¦X¦1 → !22023 invalid regular expression option: "1"
  hello world¦x*¦[\\1]¦g → []h[]e[]l[]l[]o[] []w[]o[]r[]l[]d[]
  hello world¦x*¦[\\1]¦gi → []h[]e[]l[]l[]o[] []w[]o[]r[]l[]d[]
  hello world¦x*¦[\\1]¦1 → !22023 invalid regular expression option: "1"
  hello world¦\\w+¦X¦g → X X
  hello world¦\\w+¦X¦gi → X X
  hello world¦\\w+¦X¦1 → !22023 invalid regular expression option: "1"
  hello world¦\\w+¦[\\1]¦g → [] []
  hello world¦\\w+¦[\\1]¦gi → [] []
  hello world¦\\w+¦[\\1]¦1 → !22023 invalid regular expression option: "1"
  hello world¦b*¦X¦g → XhXeXlXlXoX XwXoXrXlXdX
  hello world¦b*¦X¦gi → XhXeXlXlXoX XwXoXrXlXdX
  hello world¦b*¦X¦1 → !22023 invalid regular expression option: "1"
  hello world¦b*¦[\\1]¦g → []h[]e[]l[]l[]o[] []w[]o[]r[]l[]d[]
  hello world¦b*¦[\\1]¦gi → []h[]e[]l[]l[]o[] []w[]o[]r[]l[]d[]
  hello world¦b*¦[\\1]¦1 → !22023 invalid regular expression option: "1"
  ¦a¦X¦g → 
  ¦a¦X¦gi → 
  ¦a¦X¦1 → !22023 invalid regular expression option: "1"
  ¦a¦[\\1]¦g → 
  ¦a¦[\\1]¦gi → 
  ¦a¦[\\1]¦1 → !22023 invalid regular expression option: "1"
  ¦(.)(.)¦X¦g → 
  ¦(.)(.)¦X¦gi → 
  ¦(.)(.)¦X¦1 → !22023 invalid regular expression option: "1"
  ¦(.)(.)¦[\\1]¦g → 
  ¦(.)(.)¦[\\1]¦gi → 
  ¦(.)(.)¦[\\1]¦1 → !22023 invalid regular expression option: "1"
  ¦x*¦X¦g → X
  ¦x*¦X¦gi → X
  ¦x*¦X¦1 → !22023 invalid regular expression option: "1"
  ¦x*¦[\\1]¦g → []
  ¦x*¦[\\1]¦gi → []
  ¦x*¦[\\1]¦1 → !22023 invalid regular expression option: "1"
  ¦\\w+¦X¦g → 
  ¦\\w+¦X¦gi → 
  ¦\\w+¦X¦1 → !22023 invalid regular expression option: "1"
  ¦\\w+¦[\\1]¦g → 
  ¦\\w+¦[\\1]¦gi → 
  ¦\\w+¦[\\1]¦1 → !22023 invalid regular expression option: "1"
  ¦b*¦X¦g → X
  ¦b*¦X¦gi → X
  ¦b*¦X¦1 → !22023 invalid regular expression option: "1"
  ¦b*¦[\\1]¦g → []
  ¦b*¦[\\1]¦gi → []
  ¦b*¦[\\1]¦1 → !22023 invalid regular expression option: "1"
  aAbB¦a¦X¦g → XAbB
  aAbB¦a¦X¦gi → XXbB
  aAbB¦a¦X¦1 → !22023 invalid regular expression option: "1"
  aAbB¦a¦[\\1]¦g → []AbB
  aAbB¦a¦[\\1]¦gi → [][]bB
  aAbB¦a¦[\\1]¦1 → !22023 invalid regular expression option: "1"
  aAbB¦(.)(.)¦X¦g → XX
  aAbB¦(.)(.)¦X¦gi → XX
  aAbB¦(.)(.)¦X¦1 → !22023 invalid regular expression option: "1"
  aAbB¦(.)(.)¦[\\1]¦g → [a][b]
  aAbB¦(.)(.)¦[\\1]¦gi → [a][b]
  aAbB¦(.)(.)¦[\\1]¦1 → !22023 invalid regular expression option: "1"
  aAbB¦x*¦X¦g → XaXAXbXBX
  aAbB¦x*¦X¦gi → XaXAXbXBX
  aAbB¦x*¦X¦1 → !22023 invalid regular expression option: "1"
  aAbB¦x*¦[\\1]¦g → []a[]A[]b[]B[]
  aAbB¦x*¦[\\1]¦gi → []a[]A[]b[]B[]
  aAbB¦x*¦[\\1]¦1 → !22023 invalid regular expression option: "1"
  aAbB¦\\w+¦X¦g → X
  aAbB¦\\w+¦X¦gi → X
  aAbB¦\\w+¦X¦1 → !22023 invalid regular expression option: "1"
  aAbB¦\\w+¦[\\1]¦g → []
  aAbB¦\\w+¦[\\1]¦gi → []
  aAbB¦\\w+¦[\\1]¦1 → !22023 invalid regular expression option: "1"
  aAbB¦b*¦X¦g → XaXAXXBX
  aAbB¦b*¦X¦gi → XaXAXX
  aAbB¦b*¦X¦1 → !22023 invalid regular expression option: "1"
  aAbB¦b*¦[\\1]¦g → []a[]A[][]B[]
  aAbB¦b*¦[\\1]¦gi → []a[]A[][]
  aAbB¦b*¦[\\1]¦1 → !22023 invalid regular expression option: "1"
regexp_replace(text,text,text,int4,int4)
  abcabc¦[ab]¦X¦1¦0 → XXcXXc
  abcabc¦[ab]¦X¦1¦1 → Xbcabc
  abcabc¦[ab]¦X¦1¦2 → aXcabc
  abcabc¦[ab]¦X¦1¦-1 → !22023 invalid value for parameter "n": -1
  abcabc¦[ab]¦X¦3¦0 → abcXXc
  abcabc¦[ab]¦X¦3¦1 → abcXbc
  abcabc¦[ab]¦X¦3¦2 → abcaXc
  abcabc¦[ab]¦X¦3¦-1 → !22023 invalid value for parameter "n": -1
  abcabc¦[ab]¦X¦0¦0 → !22023 invalid value for parameter "start": 0
  abcabc¦[ab]¦X¦0¦1 → !22023 invalid value for parameter "start": 0
  abcabc¦[ab]¦X¦0¦2 → !22023 invalid value for parameter "start": 0
  abcabc¦[ab]¦X¦0¦-1 → !22023 invalid value for parameter "start": 0
  abcabc¦[ab]¦X¦7¦0 → abcabc
  abcabc¦[ab]¦X¦7¦1 → abcabc
  abcabc¦[ab]¦X¦7¦2 → abcabc
  abcabc¦[ab]¦X¦7¦-1 → !22023 invalid value for parameter "n": -1
  abcabc¦[ab]¦X¦10¦0 → abcabc
  abcabc¦[ab]¦X¦10¦1 → abcabc
  abcabc¦[ab]¦X¦10¦2 → abcabc
  abcabc¦[ab]¦X¦10¦-1 → !22023 invalid value for parameter "n": -1
  abcabc¦x¦X¦1¦0 → abcabc
  abcabc¦x¦X¦1¦1 → abcabc
  abcabc¦x¦X¦1¦2 → abcabc
  abcabc¦x¦X¦1¦-1 → !22023 invalid value for parameter "n": -1
  abcabc¦x¦X¦3¦0 → abcabc
  abcabc¦x¦X¦3¦1 → abcabc
  abcabc¦x¦X¦3¦2 → abcabc
  abcabc¦x¦X¦3¦-1 → !22023 invalid value for parameter "n": -1
  abcabc¦x¦X¦0¦0 → !22023 invalid value for parameter "start": 0
  abcabc¦x¦X¦0¦1 → !22023 invalid value for parameter "start": 0
  abcabc¦x¦X¦0¦2 → !22023 invalid value for parameter "start": 0
  abcabc¦x¦X¦0¦-1 → !22023 invalid value for parameter "start": 0
  abcabc¦x¦X¦7¦0 → abcabc
  abcabc¦x¦X¦7¦1 → abcabc
  abcabc¦x¦X¦7¦2 → abcabc
  abcabc¦x¦X¦7¦-1 → !22023 invalid value for parameter "n": -1
  abcabc¦x¦X¦10¦0 → abcabc
  abcabc¦x¦X¦10¦1 → abcabc
  abcabc¦x¦X¦10¦2 → abcabc
  abcabc¦x¦X¦10¦-1 → !22023 invalid value for parameter "n": -1
regexp_replace(text,text,text,int4,int4,text)
  ABCabc¦a¦X¦1¦0¦i → XBCXbc
  abc¦a¦X¦1¦0¦g → Xbc
regexp_replace(text,text,text,int4)
  ABCabcabc¦a¦X¦5 → ABCabcXbc
regexp_count(text,text,int4,text)
  abcABCabc¦abc¦1¦i → 3
  abcABCabc¦abc¦2¦c → 1
  aaa¦x*¦1¦ → 4
  aaa¦a¦0¦ → !22023 invalid value for parameter "start": 0
  aaa¦a¦1¦g → !22023 regexp_count() does not support the "global" option
  ¦x*¦1¦ → 1
  aaa¦a¦5¦ → 0
regexp_count(text,text)
  abcabc¦b → 2
  a😀a¦a → 2
regexp_instr(text,text)
  abc¦c → 3
  abc¦x → 0
  a😀b¦b → 3
regexp_instr(text,text,int4,int4,int4,text,int4)
  abcabcabc¦a(b)(c)¦1¦2¦0¦¦1 → 5
  abcabcabc¦a(b)(c)¦1¦2¦1¦¦2 → 7
  abcabc¦a(b)¦1¦1¦0¦¦3 → 0
  abc¦B¦1¦1¦0¦i¦0 → 2
  abc¦b¦1¦1¦2¦¦0 → !22023 invalid value for parameter "endoption": 2
  abc¦b¦1¦0¦0¦¦0 → !22023 invalid value for parameter "n": 0
  abc¦b¦1¦1¦0¦¦-1 → !22023 invalid value for parameter "subexpr": -1
  abc¦b¦1¦1¦0¦g¦0 → !22023 regexp_instr() does not support the "global" option
regexp_substr(text,text,int4,int4,text,int4)
  abcabcabc¦a(b)(c)¦1¦2¦¦1 → b
  abcabc¦a(b)¦1¦1¦¦3 → \N
  abc¦B¦1¦1¦i¦0 → b
  abc¦x¦1¦1¦¦0 → \N
  abc¦b¦0¦1¦¦0 → !22023 invalid value for parameter "start": 0
regexp_substr(text,text)
  foobarbaz¦b(..) → bar
regexp_like(text,text,text)
  Hello¦h¦i → t
  Hello¦h¦ → f
  a¦a¦g → !22023 regexp_like() does not support the "global" option
similar_to_escape(text)
  a% → ^(?:a.*)\d
  _b → ^(?:.b)\d
  (a|b)+ → ^(?:(?:a|b)+)\d
  [a%] → ^(?:[a%])\d
  a.b → ^(?:a\\.b)\d
  a\\%b → ^(?:a\\%b)\d
  ^\d → ^(?:\\^\\\d)\d
  {2} → ^(?:{2})\d
  a\\"b\\"c → ^(?:a){1,1}?(b){1,1}(?:c)\d
  [^a] → ^(?:[^a])\d
  [[:alpha:]] → ^(?:[[:alpha:]])\d
  a[b\\]c] → ^(?:a[b\\]c])\d
similar_to_escape(text,text)
  a#%¦# → ^(?:a\\%)\d
  a#"b#"c¦# → ^(?:a){1,1}?(b){1,1}(?:c)\d
  a%¦ → ^(?:a.*)\d
  a¦xx → !22025 invalid escape string
  a#"b#"c#"¦# → !2200C SQL regular expression may not contain more than two escape-double-quote separators
  a\\b¦# → ^(?:a\\\\b)\d
  a#"b¦# → ^(?:a){1,1}?(b)\d
similar_escape(text,text)
  a%¦\N → ^(?:a.*)\d
  \N¦x → \N
substring(text,text,text)
  abcdefg¦a#"(b_d)#"%¦# → bcd
  abcdefg¦#"(b_d)#"%¦# → \N
  abcdefg¦%#"c_e#"%¦# → cde
  foobar¦%#"o_b#"%¦# → oob
  foobar¦#"o_b#"%¦# → \N
  abcdefg¦c.e¦# → \N
`
