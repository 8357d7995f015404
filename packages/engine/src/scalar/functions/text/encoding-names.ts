/** PostgreSQL's encodings of text by number, most of which there are only the names of. */
const NAMES = [
  ...['SQL_ASCII', 'EUC_JP', 'EUC_CN', 'EUC_KR', 'EUC_TW', 'EUC_JIS_2004', 'UTF8', 'MULE_INTERNAL', 'LATIN1'],
  ...['LATIN2', 'LATIN3', 'LATIN4', 'LATIN5', 'LATIN6', 'LATIN7', 'LATIN8', 'LATIN9', 'LATIN10', 'WIN1256'],
  ...['WIN1258', 'WIN866', 'WIN874', 'KOI8R', 'WIN1251', 'WIN1252', 'ISO_8859_5', 'ISO_8859_6', 'ISO_8859_7'],
  ...[
    'ISO_8859_8',
    'WIN1250',
    'WIN1253',
    'WIN1254',
    'WIN1255',
    'WIN1257',
    'KOI8U',
    'SJIS',
    'BIG5',
    'GBK',
    'UHC',
  ],
  ...['GB18030', 'JOHAB', 'SHIFT_JIS_2004'],
]

/** Other names, without what separates their parts. */
const ALIASES: Readonly<Record<string, string>> = {
  unicode: 'UTF8',
  iso88591: 'LATIN1',
  iso88592: 'LATIN2',
  iso88593: 'LATIN3',
  iso88594: 'LATIN4',
  iso88599: 'LATIN5',
  iso885910: 'LATIN6',
  iso885913: 'LATIN7',
  iso885914: 'LATIN8',
  iso885915: 'LATIN9',
  iso885916: 'LATIN10',
  abc: 'WIN1258',
  tcvn: 'WIN1258',
  tcvn5712: 'WIN1258',
  vscii: 'WIN1258',
  alt: 'WIN866',
  koi8: 'KOI8R',
  win: 'WIN1251',
  mskanji: 'SJIS',
  shiftjis: 'SJIS',
  win932: 'SJIS',
  win936: 'GBK',
  win949: 'UHC',
  win950: 'BIG5',
  windows932: 'SJIS',
  windows936: 'GBK',
  windows949: 'UHC',
  windows950: 'BIG5',
  windows866: 'WIN866',
  windows874: 'WIN874',
  windows1250: 'WIN1250',
  windows1251: 'WIN1251',
  windows1252: 'WIN1252',
  windows1253: 'WIN1253',
  windows1254: 'WIN1254',
  windows1255: 'WIN1255',
  windows1256: 'WIN1256',
  windows1257: 'WIN1257',
  windows1258: 'WIN1258',
}

const byPlainName = new Map(NAMES.map((name) => [plain(name), name]))

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '')
}

/** Undefined: there is no such encoding. */
export function encodingName(name: string): string | undefined {
  const key = plain(name)
  return byPlainName.get(key) ?? ALIASES[key]
}

/** `''` where no encoding has that number. */
export function encodingOfNumber(number: number): string {
  return NAMES[number] ?? ''
}

/** -1 where there is no such encoding. */
export function numberOfEncoding(name: string): number {
  const known = encodingName(name)
  return known === undefined ? -1 : NAMES.indexOf(known)
}
