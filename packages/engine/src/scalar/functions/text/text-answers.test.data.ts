/** See parseAnswers for the form. */
export const textAnswers = String.raw`
lower(text)
   → 
  abc → abc
  AbC xyZ → abc xyz
  äÖß → äöß
  日本語 → 日本語
  a😀b → a😀b
  \s pad \s → \s pad \s
  İıΣσς → iıσσς
  ǆ Ǆ → ǆ ǆ
upper(text)
   → 
  abc → ABC
  AbC xyZ → ABC XYZ
  äÖß → ÄÖß
  日本語 → 日本語
  a😀b → A😀B
  \s pad \s → \s PAD \s
  İıΣσς → İIΣΣΣ
  ǆ Ǆ → Ǆ Ǆ
initcap(text)
   → 
  abc → Abc
  AbC xyZ → Abc Xyz
  äÖß → Äöß
  日本語 → 日本語
  a😀b → A😀B
  \s pad \s → \s Pad \s
  İıΣσς → İıσσς
  ǆ Ǆ → Ǆ Ǆ
  hello wORLD foo-bar 3rd o'neil a_b → Hello World Foo-Bar 3rd O'Neil A_B
length(text)
   → 0
  abc → 3
  AbC xyZ → 7
  äÖß → 3
  日本語 → 3
  a😀b → 3
  \s pad \s → 7
  İıΣσς → 5
  ǆ Ǆ → 3
char_length(text)
   → 0
  abc → 3
  AbC xyZ → 7
  äÖß → 3
  日本語 → 3
  a😀b → 3
  \s pad \s → 7
  İıΣσς → 5
  ǆ Ǆ → 3
character_length(text)
   → 0
  abc → 3
  AbC xyZ → 7
  äÖß → 3
  日本語 → 3
  a😀b → 3
  \s pad \s → 7
  İıΣσς → 5
  ǆ Ǆ → 3
octet_length(text)
   → 0
  abc → 3
  AbC xyZ → 7
  äÖß → 6
  日本語 → 9
  a😀b → 6
  \s pad \s → 7
  İıΣσς → 10
  ǆ Ǆ → 5
bit_length(text)
   → 0
  abc → 24
  AbC xyZ → 56
  äÖß → 48
  日本語 → 72
  a😀b → 48
  \s pad \s → 56
  İıΣσς → 80
  ǆ Ǆ → 40
reverse(text)
   → 
  abc → cba
  AbC xyZ → Zyx CbA
  äÖß → ßÖä
  日本語 → 語本日
  a😀b → b😀a
  \s pad \s → \s dap \s
  İıΣσς → ςσΣıİ
  ǆ Ǆ → Ǆ ǆ
ascii(text)
   → 0
  abc → 97
  AbC xyZ → 65
  äÖß → 228
  日本語 → 26085
  a😀b → 97
  \s pad \s → 32
  İıΣσς → 304
  ǆ Ǆ → 454
md5(text)
   → d41d8cd98f00b204e9800998ecf8427e
  abc → 900150983cd24fb0d6963f7d28e17f72
  AbC xyZ → 2b06e986fb8c0b26c9b18d5a4227df2b
  äÖß → af0a21c241559c737901914ec9dded24
  日本語 → 00110af8b4393ef3f72c50be5b332bec
  a😀b → 186ca4f1a2d2ac0d5381177c6719713b
  \s pad \s → ff65a08b378189d94bfd3f019d2821eb
  İıΣσς → cf3c9dad2a2a1c779043728967b7614d
  ǆ Ǆ → 54efaec2805deb07a3ca5ffe1f8836f6
quote_ident(text)
   → ""
  abc → abc
  AbC xyZ → "AbC xyZ"
  äÖß → "äÖß"
  日本語 → "日本語"
  a😀b → "a😀b"
  \s pad \s → "  pad  "
  İıΣσς → "İıΣσς"
  ǆ Ǆ → "ǆ Ǆ"
  abc → abc
  ABC → "ABC"
  a b → "a b"
  select → "select"
  name → name
  user → "user"
  int → "int"
  1a → "1a"
  a\d → "a\d"
   → ""
  a"b → "a""b"
  values → "values"
  desc → "desc"
quote_literal(text)
   → ''
  abc → 'abc'
  AbC xyZ → 'AbC xyZ'
  äÖß → 'äÖß'
  日本語 → '日本語'
  a😀b → 'a😀b'
  \s pad \s → '  pad  '
  İıΣσς → 'İıΣσς'
  ǆ Ǆ → 'ǆ Ǆ'
btrim(text)
   → 
  abc → abc
  AbC xyZ → AbC xyZ
  äÖß → äÖß
  日本語 → 日本語
  a😀b → a😀b
  \s pad \s → pad
  İıΣσς → İıΣσς
  ǆ Ǆ → ǆ Ǆ
ltrim(text)
   → 
  abc → abc
  AbC xyZ → AbC xyZ
  äÖß → äÖß
  日本語 → 日本語
  a😀b → a😀b
  \s pad \s → pad \s
  İıΣσς → İıΣσς
  ǆ Ǆ → ǆ Ǆ
rtrim(text)
   → 
  abc → abc
  AbC xyZ → AbC xyZ
  äÖß → äÖß
  日本語 → 日本語
  a😀b → a😀b
  \s pad \s → \s pad
  İıΣσς → İıΣσς
  ǆ Ǆ → ǆ Ǆ
length(bpchar)
  ab \s → 2
   → 0
octet_length(bpchar)
  ab \s → 4
textcat(text,text)
  a¦b → ab
  ¦x → x
  a¦\N → \N
substring(text,int4,int4)
  abcdef¦-1¦0 → 
  abcdef¦-1¦-1 → !22011 negative substring length not allowed
  abcdef¦0¦2 → a
  abcdef¦1¦0 → 
  abcdef¦1¦-1 → !22011 negative substring length not allowed
  abcdef¦2¦3 → bcd
  abcdef¦3¦1 → c
  abcdef¦3¦2147483647 → cdef
  abcdef¦10¦3 → 
  abcdef¦2147483647¦1 → 
  a😀b日¦-1¦0 → 
  a😀b日¦-1¦-1 → !22011 negative substring length not allowed
  a😀b日¦0¦2 → a
  a😀b日¦1¦0 → 
  a😀b日¦1¦-1 → !22011 negative substring length not allowed
  a😀b日¦2¦3 → 😀b日
  a😀b日¦3¦1 → b
  a😀b日¦3¦2147483647 → b日
  a😀b日¦10¦3 → 
  a😀b日¦2147483647¦1 → 
  ¦-1¦0 → 
  ¦-1¦-1 → !22011 negative substring length not allowed
  ¦0¦2 → 
  ¦1¦0 → 
  ¦1¦-1 → !22011 negative substring length not allowed
  ¦2¦3 → 
  ¦3¦1 → 
  ¦3¦2147483647 → 
  ¦10¦3 → 
  ¦2147483647¦1 → 
substring(text,int4)
  abcdef¦-1 → abcdef
  abcdef¦0 → abcdef
  abcdef¦1 → abcdef
  abcdef¦2 → bcdef
  abcdef¦3 → cdef
  abcdef¦10 → 
  a😀b日¦-1 → a😀b日
  a😀b日¦0 → a😀b日
  a😀b日¦1 → a😀b日
  a😀b日¦2 → 😀b日
  a😀b日¦3 → b日
  a😀b日¦10 → 
  ¦-1 → 
  ¦0 → 
  ¦1 → 
  ¦2 → 
  ¦3 → 
  ¦10 → 
substr(text,int4,int4)
  abcdef¦-1¦0 → 
  abcdef¦-1¦-1 → !22011 negative substring length not allowed
  abcdef¦0¦2 → a
  abcdef¦1¦0 → 
  abcdef¦1¦-1 → !22011 negative substring length not allowed
  abcdef¦2¦3 → bcd
  abcdef¦3¦1 → c
  abcdef¦3¦2147483647 → cdef
  abcdef¦10¦3 → 
  abcdef¦2147483647¦1 → 
  a😀b日¦-1¦0 → 
  a😀b日¦-1¦-1 → !22011 negative substring length not allowed
  a😀b日¦0¦2 → a
  a😀b日¦1¦0 → 
  a😀b日¦1¦-1 → !22011 negative substring length not allowed
  a😀b日¦2¦3 → 😀b日
  a😀b日¦3¦1 → b
  a😀b日¦3¦2147483647 → b日
  a😀b日¦10¦3 → 
  a😀b日¦2147483647¦1 → 
  ¦-1¦0 → 
  ¦-1¦-1 → !22011 negative substring length not allowed
  ¦0¦2 → 
  ¦1¦0 → 
  ¦1¦-1 → !22011 negative substring length not allowed
  ¦2¦3 → 
  ¦3¦1 → 
  ¦3¦2147483647 → 
  ¦10¦3 → 
  ¦2147483647¦1 → 
substr(text,int4)
  abcdef¦-1 → abcdef
  abcdef¦0 → abcdef
  abcdef¦1 → abcdef
  abcdef¦2 → bcdef
  abcdef¦3 → cdef
  abcdef¦10 → 
  a😀b日¦-1 → a😀b日
  a😀b日¦0 → a😀b日
  a😀b日¦1 → a😀b日
  a😀b日¦2 → 😀b日
  a😀b日¦3 → b日
  a😀b日¦10 → 
  ¦-1 → 
  ¦0 → 
  ¦1 → 
  ¦2 → 
  ¦3 → 
  ¦10 → 
left(text,int4)
  abcdef¦-10 → 
  abcdef¦-2 → abcd
  abcdef¦-1 → abcde
  abcdef¦0 → 
  abcdef¦1 → a
  abcdef¦2 → ab
  abcdef¦10 → abcdef
  a😀b日¦-10 → 
  a😀b日¦-2 → a😀
  a😀b日¦-1 → a😀b
  a😀b日¦0 → 
  a😀b日¦1 → a
  a😀b日¦2 → a😀
  a😀b日¦10 → a😀b日
  ¦-10 → 
  ¦-2 → 
  ¦-1 → 
  ¦0 → 
  ¦1 → 
  ¦2 → 
  ¦10 → 
right(text,int4)
  abcdef¦-10 → 
  abcdef¦-2 → cdef
  abcdef¦-1 → bcdef
  abcdef¦0 → 
  abcdef¦1 → f
  abcdef¦2 → ef
  abcdef¦10 → abcdef
  a😀b日¦-10 → 
  a😀b日¦-2 → b日
  a😀b日¦-1 → 😀b日
  a😀b日¦0 → 
  a😀b日¦1 → 日
  a😀b日¦2 → b日
  a😀b日¦10 → a😀b日
  ¦-10 → 
  ¦-2 → 
  ¦-1 → 
  ¦0 → 
  ¦1 → 
  ¦2 → 
  ¦10 → 
position(text,text)
  abcabc¦ → 1
  abcabc¦b → 2
  abcabc¦c → 3
  abcabc¦日 → 0
  abcabc¦😀b → 0
  abcabc¦x → 0
  abcabc¦a → 1
  a😀b日¦ → 1
  a😀b日¦b → 3
  a😀b日¦c → 0
  a😀b日¦日 → 4
  a😀b日¦😀b → 2
  a😀b日¦x → 0
  a😀b日¦a → 1
  ¦ → 1
  ¦b → 0
  ¦c → 0
  ¦日 → 0
  ¦😀b → 0
  ¦x → 0
  ¦a → 0
strpos(text,text)
  abcabc¦ → 1
  abcabc¦b → 2
  abcabc¦c → 3
  abcabc¦日 → 0
  abcabc¦😀b → 0
  abcabc¦x → 0
  abcabc¦a → 1
  a😀b日¦ → 1
  a😀b日¦b → 3
  a😀b日¦c → 0
  a😀b日¦日 → 4
  a😀b日¦😀b → 2
  a😀b日¦x → 0
  a😀b日¦a → 1
  ¦ → 1
  ¦b → 0
  ¦c → 0
  ¦日 → 0
  ¦😀b → 0
  ¦x → 0
  ¦a → 0
starts_with(text,text)
  abcabc¦ → t
  abcabc¦b → f
  abcabc¦c → f
  abcabc¦日 → f
  abcabc¦😀b → f
  abcabc¦x → f
  abcabc¦a → t
  a😀b日¦ → t
  a😀b日¦b → f
  a😀b日¦c → f
  a😀b日¦日 → f
  a😀b日¦😀b → f
  a😀b日¦x → f
  a😀b日¦a → t
  ¦ → t
  ¦b → f
  ¦c → f
  ¦日 → f
  ¦😀b → f
  ¦x → f
  ¦a → f
replace(text,text,text)
  abcabc¦b¦X → aXcaXc
  abc¦¦X → abc
  aaa¦aa¦b → ba
  abc¦b¦ → ac
  a\db¦\d¦\d& → a\d&b
  ¦a¦b → 
split_part(text,text,int4)
  a,b,c¦,¦1 → a
  a,b,c¦,¦2 → b
  a,b,c¦,¦3 → c
  a,b,c¦,¦4 → 
  a,b,c¦,¦-1 → c
  a,b,c¦,¦-2 → b
  a,b,c¦,¦-3 → a
  a,b,c¦,¦-4 → 
  a,b,c¦,¦0 → !22023 field position must not be zero
  abc¦¦1 → abc
  abc¦¦2 → 
  abc¦¦-1 → abc
  abc¦¦-2 → 
  ¦,¦1 → 
  a||b¦||¦2 → b
  abc¦x¦1 → abc
  abc¦x¦-1 → abc
  abc¦x¦2 → 
translate(text,text,text)
  12345¦143¦ax → a2x5
  abc¦abc¦ → 
  abc¦¦x → abc
  aab¦aa¦xy → xxb
  日本¦日¦x → x本
overlay(text,text,int4,int4)
  Txxxxas¦hom¦2¦4 → Thomas
  abc¦X¦1¦0 → Xabc
  abc¦X¦0¦1 → !22011 negative substring length not allowed
  abc¦X¦10¦1 → abcX
  abc¦X¦-1¦1 → !22011 negative substring length not allowed
  abcdef¦X¦3¦-1 → abXbcdef
  abcdef¦X¦2¦100 → aX
overlay(text,text,int4)
  abcdef¦XY¦2 → aXYdef
  a😀b¦X¦2 → aXb
  abc¦XXXXX¦2 → aXXXXX
btrim(text,text)
  xyxtrimyyx¦xyz → trim
  abc¦ → abc
  ¦x → 
  😀a😀¦😀 → a
  aaa¦a → 
ltrim(text,text)
  xyxtrimyyx¦xyz → trimyyx
  abc¦ → abc
  ¦x → 
  😀a😀¦😀 → a😀
  aaa¦a → 
rtrim(text,text)
  xyxtrimyyx¦xyz → xyxtrim
  abc¦ → abc
  ¦x → 
  😀a😀¦😀 → 😀a
  aaa¦a → 
lpad(text,int4,text)
  hi¦5¦xy → xyxhi
  hi¦1¦xy → h
  hi¦-1¦x → 
  hi¦5¦ → hi
  日¦4¦本x → 本x本日
  hello¦3¦ → hel
  ¦3¦ab → aba
lpad(text,int4)
  hi¦5 → \s  hi
  hi¦1 → h
  hi¦0 → 
rpad(text,int4,text)
  hi¦5¦xy → hixyx
  hi¦1¦xy → h
  hi¦-1¦x → 
  hi¦5¦ → hi
  日¦4¦本x → 日本x本
  hello¦3¦ → hel
  ¦3¦ab → aba
rpad(text,int4)
  hi¦5 → hi  \s
  hi¦1 → h
  hi¦0 → 
repeat(text,int4)
  ab¦3 → ababab
  ab¦0 → 
  ab¦-1 → 
  ¦5 → 
  ab¦2000000000 → !54000 requested length too large
chr(int4)
  65 → A
  0 → !54000 null character not permitted
  -1 → !22023 character number must be positive
  128512 → 😀
  1114112 → !54000 requested character too large for encoding: 1114112
  55296 → !54000 requested character not valid for encoding: 55296
  233 → é
to_hex(int4)
  0 → 0
  255 → ff
  -1 → ffffffff
  2147483647 → 7fffffff
to_hex(int8)
  0 → 0
  -1 → ffffffffffffffff
  9223372036854775807 → 7fffffffffffffff
unistr(text)
  d\\0061t\\+000061 \\u0061 \\U00000061 \\\\ x → data a a \\ x
  \\d83d\\de00 → 😀
  \\d83dx → !42601 invalid Unicode surrogate pair
  \\zz → !42601 invalid Unicode escape
  \\ → !42601 invalid Unicode escape
  \\0000 → !22023 invalid Unicode code point: 0000
  \\U00110000 → !22023 invalid Unicode code point: 110000
  \\de00 → !42601 invalid Unicode surrogate pair
  \\d83d\\0061 → !42601 invalid Unicode surrogate pair
normalize(text,text)
  é¦NFD → é
  é¦nfc → é
  ﬁ¦NFKC → fi
  a¦x → !22023 invalid normalization form: x
is_normalized(text,text)
  é¦NFD → f
  é¦NFC → t
sha224(bytea)
  \\x → \\xd14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f
  \\x00ff10 → \\xfb00d9d04bdeeb4c51a031ab62ad806c6b8d293efafb8456deae0320
sha256(bytea)
  \\x → \\xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
  \\x00ff10 → \\x2da45f2cd1f9c8e69a67abf7a6b26c282533d0a7686787a9533265418680d4d2
sha384(bytea)
  \\x → \\x38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b
  \\x00ff10 → \\xad8b7bc3149d63462b2b95ce7fc8aa7cec833cd5d3840eab42f92ea63479aefe71e79a2e3abfb3d60566aea38f5737a4
sha512(bytea)
  \\x → \\xcf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e
  \\x00ff10 → \\xb29a9bd5abb2e2e27b92298e242f28970486bd49d6999ed928800d749fed69ffa8bf4c58cde2cb80018d97e8893ea4067040cfac81bfa891bec7249d4b0fbb33
md5(bytea)
  \\x → d41d8cd98f00b204e9800998ecf8427e
  \\x00ff10 → 481e4551ec039aada760901cf52b1917
length(bytea)
  \\x → 0
  \\x00ff10 → 3
octet_length(bytea)
  \\x → 0
  \\x00ff10 → 3
bit_length(bytea)
  \\x → 0
  \\x00ff10 → 24
bit_count(bytea)
  \\x → 0
  \\x00ff10 → 9
encode(bytea,text)
  \\x¦hex → 
  \\x¦base64 → 
  \\x¦escape → 
  \\x¦HEX → 
  \\x¦nope → !22023 unrecognized encoding: "nope"
  \\x00ff10615c¦hex → 00ff10615c
  \\x00ff10615c¦base64 → AP8QYVw=
  \\x00ff10615c¦escape → \\000\\377a\\\\
  \\x00ff10615c¦HEX → 00ff10615c
  \\x00ff10615c¦nope → !22023 unrecognized encoding: "nope"
  \\x61616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161¦hex → 61616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161
  \\x61616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161¦base64 → YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh\nYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYQ==
  \\x61616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161¦escape → aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
  \\x61616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161¦HEX → 61616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161
  \\x61616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161¦nope → !22023 unrecognized encoding: "nope"
decode(text,text)
  00ff¦hex → \\x00ff
  0 0 f f¦hex → !22023 invalid hexadecimal digit: " "
  00 ff\n¦hex → \\x00ff
  0¦hex → !22023 invalid hexadecimal data: odd number of digits
  zz¦hex → !22023 invalid hexadecimal digit: "z"
  AP8Q¦base64 → \\x00ff10
  AP8¦base64 → !22023 invalid base64 end sequence
  AP8=¦base64 → \\x00ff
  A===¦base64 → !22023 unexpected "=" while decoding base64 sequence
  A!==¦base64 → !22023 invalid symbol "!" found while decoding base64 sequence
  YQ==¦base64 → \\x61
  YQ= =¦base64 → \\x61
  a\\\\b\\001¦escape → \\x615c6201
  a\\9¦escape → !22P02 invalid input syntax for type bytea
  é¦escape → \\xc3a9
  x¦nope → !22023 unrecognized encoding: "nope"
convert_from(bytea,name)
  \\x616263¦UTF8 → abc
  \\xe9¦LATIN1 → é
  \\xff¦UTF8 → !22021 invalid byte sequence for encoding "UTF8": 0xff
  \\xe9¦utf-8 → !22021 invalid byte sequence for encoding "UTF8": 0xe9
  \\x61¦nope → !22023 invalid source encoding name "nope"
  \\x6100¦UTF8 → !22021 invalid byte sequence for encoding "UTF8": 0x00
  \\xc3a9¦UTF8 → é
  \\xe697¦UTF8 → !22021 invalid byte sequence for encoding "UTF8": 0xe6 0x97
convert_to(text,name)
  é¦LATIN1 → \\xe9
  é¦UTF8 → \\xc3a9
  日¦LATIN1 → !22P05 character with byte sequence 0xe6 0x97 0xa5 in encoding "UTF8" has no equivalent in encoding "LATIN1"
  x¦nope → !22023 invalid destination encoding name "nope"
length(bytea,name)
  \\xc3a9¦UTF8 → 1
substring(bytea,int4,int4)
  \\x0102030405¦-1¦0 → \\x
  \\x0102030405¦-1¦2 → \\x
  \\x0102030405¦-1¦-1 → !22011 negative substring length not allowed
  \\x0102030405¦1¦0 → \\x
  \\x0102030405¦1¦2 → \\x0102
  \\x0102030405¦1¦-1 → !22011 negative substring length not allowed
  \\x0102030405¦3¦0 → \\x
  \\x0102030405¦3¦2 → \\x0304
  \\x0102030405¦3¦-1 → !22011 negative substring length not allowed
substr(bytea,int4)
  \\x0102030405¦2 → \\x02030405
overlay(bytea,bytea,int4,int4)
  \\x0102030405¦\\xffff¦2¦1 → \\x01ffff030405
  \\x0102030405¦\\xff¦0¦1 → !22011 negative substring length not allowed
position(bytea,bytea)
  \\x0102030405¦\\x0304 → 3
  \\x0102030405¦\\x → 1
  \\x0102030405¦\\x09 → 0
btrim(bytea,bytea)
  \\x0102030405¦\\x0105 → \\x020304
ltrim(bytea,bytea)
  \\x0102030405¦\\x0105 → \\x02030405
rtrim(bytea,bytea)
  \\x0102030405¦\\x0105 → \\x01020304
get_byte(bytea,int4)
  \\x0102030405¦0 → 1
  \\x0102030405¦4 → 5
  \\x0102030405¦5 → !2202E index 5 out of valid range, 0..4
  \\x0102030405¦-1 → !2202E index -1 out of valid range, 0..4
set_byte(bytea,int4,int4)
  \\x0102030405¦0¦255 → \\xff02030405
  \\x0102030405¦5¦1 → !2202E index 5 out of valid range, 0..4
  \\x0102030405¦1¦256 → \\x0100030405
get_bit(bytea,int8)
  \\x0102030405¦0 → 1
  \\x0102030405¦9 → 1
  \\x0102030405¦40 → !2202E index 40 out of valid range, 0..39
  \\x0102030405¦-1 → !2202E index -1 out of valid range, 0..39
set_bit(bytea,int8,int4)
  \\x0102030405¦1¦1 → \\x0302030405
  \\x0102030405¦0¦0 → \\x0002030405
  \\x0102030405¦0¦2 → !22023 new bit must be 0 or 1
  \\x0102030405¦40¦1 → !2202E index 40 out of valid range, 0..39
byteacat(bytea,bytea)
  \\x0102030405¦\\x0102030405 → \\x01020304050102030405
textlike(text,text)
  ¦ → t
  ¦_ → f
  ¦_b → f
  ¦x\\ → f
  abc¦a_c → t
  abc¦a\\_c → f
  abc¦\\\\ → f
  a%c¦a% → t
  a%c¦%b% → f
  a%c¦a_b → f
  a_c¦ → f
  a_c¦_ → f
  a_c¦_b → f
  a_c¦x\\ → f
  aXbXc¦a_c → f
  aXbXc¦a\\%c → f
  aXbXc¦\\\\ → f
  😀b¦a% → f
  😀b¦%b% → t
  😀b¦a_b → f
  😀b¦a%_c → f
  日本¦_ → f
  日本¦_b → f
  日本¦x\\ → f
  a\nb¦a_c → f
  a\nb¦a\\%c → f
  a\nb¦\\\\ → f
  \\¦a% → f
  \\¦%b% → f
  \\¦a_b → f
  \\¦a%_c → f
textnlike(text,text)
  ¦ → f
  ¦_ → t
  ¦_b → t
  ¦x\\ → t
  abc¦a_c → f
  abc¦a\\_c → t
  abc¦\\\\ → t
  a%c¦a% → f
  a%c¦%b% → t
  a%c¦a_b → t
  a_c¦ → t
  a_c¦_ → t
  a_c¦_b → t
  a_c¦x\\ → t
  aXbXc¦a_c → t
  aXbXc¦a\\%c → t
  aXbXc¦\\\\ → t
  😀b¦a% → t
  😀b¦%b% → f
  😀b¦a_b → t
  😀b¦a%_c → t
  日本¦_ → t
  日本¦_b → t
  日本¦x\\ → t
  a\nb¦a_c → t
  a\nb¦a\\%c → t
  a\nb¦\\\\ → t
  \\¦a% → t
  \\¦%b% → t
  \\¦a_b → t
  \\¦a%_c → t
texticlike(text,text)
  ¦ → t
  ¦_ → f
  ¦_b → f
  ¦%_c → f
  abc¦a_c → t
  abc¦a\\_c → f
  abc¦%\\ → !22025 LIKE pattern must not end with escape character
  a%c¦a% → t
  a%c¦a%c → t
  a%c¦a_b → f
  a_c¦ → f
  a_c¦__ → f
  a_c¦日_ → f
  a_c¦%_c → t
  aXbXc¦% → t
  aXbXc¦%X%X% → t
  aXbXc¦%\\ → !22025 LIKE pattern must not end with escape character
  😀b¦%c → f
  😀b¦a\\%c → f
  😀b¦abc\\ → f
  日本¦abc → f
  日本¦%b% → f
  日本¦日_ → t
  日本¦a%_c → f
  a\nb¦_ → f
  a\nb¦%X%X% → f
  a\nb¦x\\ → f
  \\¦%c → f
  \\¦a\\%c → f
  \\¦\\\\ → t
  ÄX¦ä_ → t
texticnlike(text,text)
  ¦ → f
  ¦_ → t
  ¦_b → t
  ¦x\\ → t
  abc¦a_c → f
  abc¦a\\_c → t
  abc¦\\\\ → t
  a%c¦a% → f
  a%c¦%b% → t
  a%c¦a_b → t
  a_c¦ → t
  a_c¦_ → t
  a_c¦_b → t
  a_c¦x\\ → t
  aXbXc¦a_c → t
  aXbXc¦a\\%c → t
  aXbXc¦\\\\ → t
  😀b¦a% → t
  😀b¦%b% → f
  😀b¦a_b → t
  😀b¦a%_c → t
  日本¦_ → t
  日本¦_b → t
  日本¦x\\ → t
  a\nb¦a_c → t
  a\nb¦a\\%c → t
  a\nb¦\\\\ → t
  \\¦a% → t
  \\¦%b% → t
  \\¦a_b → t
  \\¦a%_c → t
like_escape(text,text)
  a#%b¦# → a\\%b
  a\\b¦# → a\\\\b
  a##b¦# → a\\#b
  ab¦ → ab
  a%¦xx → !22025 invalid escape string
  a\\¦ → a\\\\
bytealike(bytea,bytea)
  \\x616263¦\\x6125 → t
  \\x616263¦\\x62 → f
concat(text,int4,bool)
  a¦1¦t → a1t
  a¦\N¦f → af
  \N¦\N¦\N → 
concat(_int4)
  {1,2} → {1,2}
  \N → 
concat_ws(text,text,int4)
  ,¦a¦1 → a,1
  ,¦\N¦1 → 1
  \N¦a¦1 → \N
concat(bpchar,float8,timestamp)
  a \s¦1.5¦2020-01-01 → a  1.52020-01-01 00:00:00
format(text,text,int4,text)
  %s %s %s¦a¦1¦b → a 1 b
  %2\ds %1\ds¦a¦1¦b → 1 a
  %3\ds %s¦a¦1¦b → !22023 too few arguments for format()
  %-5s|%5s|¦a¦1¦b → a    |    1|
  %*s¦5¦10¦b → \s  10
  %I %L %%¦a b¦1¦b → "a b" '1' %
  %1\dI¦Select¦1¦b → "Select"
  %¦a¦1¦b → !22023 unterminated format() type specifier
  %y¦a¦1¦b → !22023 unrecognized format() type specifier "y"
  %0\ds¦a¦1¦b → !22023 format specifies argument 0, but arguments are numbered from 1
  %4\ds¦a¦1¦b → !22023 too few arguments for format()
  %s%s%s%s¦a¦1¦b → !22023 too few arguments for format()
  %L¦\N¦1¦b → NULL
  %I¦\N¦1¦b → !22004 null values cannot be formatted as an SQL identifier
  %s¦\N¦1¦b → 
  %*1\ds¦7¦1¦b → \s     1
  %2\d*1\ds¦7¦1¦b → \s     1
  %-*2\ds|¦7¦9¦b → b        |
  %1\d¦a¦1¦b → !22023 unterminated format() type specifier
  %1\d*5s¦3¦1¦b → !22023 width argument position must be ended by "\d"
  %--5s|¦a¦1¦b → a    |
  %*s¦x¦1¦b → !22P02 invalid input syntax for type integer: "x"
  %5%¦a¦1¦b → !22023 unrecognized format() type specifier "%"
  %L¦it's \\¦1¦b → E'it''s \\\\'
  %s %99999999999s¦a¦1¦b → !22003 number is out of range
format(text)
  abc → abc
  %s → !22023 too few arguments for format()
  a%% → a%
textanycat(text,bool)
  a¦t → atrue
anytextcat(bpchar,text)
  ab \s¦c → abc
textanycat(text,float8)
  a¦1.50 → a1.5
quote_literal(bool)
  t → 'true'
quote_nullable(text)
  \N → NULL
  a → 'a'
quote_nullable(int4)
  \N → NULL
  1 → '1'
`
