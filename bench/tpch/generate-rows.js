// @ts-check
/**
 * Rows for the eight tables of the decision-support benchmark that TPC-H's public specification describes: the same
 * columns, sizes, ranges and shares, from a generator of our own, so that figures are comparable between engines that
 * are given these rows and not with published results. Equal seeds and scales give equal rows.
 */

/** @typedef {readonly (string | number)[]} Row */

const REGIONS = ['AFRICA', 'AMERICA', 'ASIA', 'EUROPE', 'MIDDLE EAST']
/** @type {readonly (readonly [name: string, region: number])[]} */
const NATIONS = [
  ['ALGERIA', 0],
  ['ARGENTINA', 1],
  ['BRAZIL', 1],
  ['CANADA', 1],
  ['EGYPT', 4],
  ['ETHIOPIA', 0],
  ['FRANCE', 3],
  ['GERMANY', 3],
  ['INDIA', 2],
  ['INDONESIA', 2],
  ['IRAN', 4],
  ['IRAQ', 4],
  ['JAPAN', 2],
  ['JORDAN', 4],
  ['KENYA', 0],
  ['MOROCCO', 0],
  ['MOZAMBIQUE', 0],
  ['PERU', 1],
  ['CHINA', 2],
  ['ROMANIA', 3],
  ['SAUDI ARABIA', 4],
  ['VIETNAM', 2],
  ['RUSSIA', 3],
  ['UNITED KINGDOM', 3],
  ['UNITED STATES', 1],
]
const SEGMENTS = ['AUTOMOBILE', 'BUILDING', 'FURNITURE', 'HOUSEHOLD', 'MACHINERY']
const PRIORITIES = ['1-URGENT', '2-HIGH', '3-MEDIUM', '4-NOT SPECIFIED', '5-LOW']
const INSTRUCTIONS = ['COLLECT COD', 'DELIVER IN PERSON', 'NONE', 'TAKE BACK RETURN']
const MODES = ['AIR', 'FOB', 'MAIL', 'RAIL', 'REG AIR', 'SHIP', 'TRUCK']
const CONTAINER_SIZES = ['JUMBO', 'LG', 'MED', 'SM', 'WRAP']
const CONTAINERS = ['BAG', 'BOX', 'CAN', 'CASE', 'DRUM', 'JAR', 'PACK', 'PKG']
const TYPE_SIZES = ['ECONOMY', 'LARGE', 'MEDIUM', 'PROMO', 'SMALL', 'STANDARD']
const TYPE_FINISHES = ['ANODIZED', 'BRUSHED', 'BURNISHED', 'PLATED', 'POLISHED']
const TYPE_METALS = ['BRASS', 'COPPER', 'NICKEL', 'STEEL', 'TIN']
const COLOURS =
  'almond antique aquamarine azure beige bisque black blue brown burlywood chiffon chocolate coral cornsilk cream cyan dark firebrick floral forest frosted ghost goldenrod green grey honeydew hot indian ivory khaki lace lavender lemon light lime linen magenta maroon medium metallic midnight mint misty navy olive orange orchid pale peach pink plum powder purple red rose royal saddle salmon sandy seashell sienna sky slate smoke snow spring steel tan thistle tomato turquoise violet wheat white yellow'.split(
    ' ',
  )
const WORDS =
  'accounts asymptotes braids courts deposits dolphins dugouts escapades excuses foxes ideas instructions packages patterns pinto platelets requests sauternes sentiments theodolites above across after along among blithely boldly bravely carefully daringly express final furiously idle ironic pending quickly quietly regular silent slyly special unusual'.split(
    ' ',
  )

const FIRST_DAY = Date.UTC(1992, 0, 1)
const DAYS = 2406
const TODAY = Date.UTC(1995, 5, 17)
const DAY_MS = 86_400_000

/** Numbers that depend on the seed alone. */
class Dice {
  #state
  /** @param {number} seed */
  constructor(seed) {
    this.#state = seed >>> 0
  }
  /** From `low` to `high`, both included. @param {number} low @param {number} high */
  between(low, high) {
    // Mulberry32.
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return low + Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * (high - low + 1))
  }
  /** @template T @param {readonly T[]} list @returns {T} */
  of(list) {
    return /** @type {T} */ (list[this.between(0, list.length - 1)])
  }
  /** @param {number} low @param {number} high in hundredths */
  money(low, high) {
    return cents(this.between(low, high))
  }
  /** @param {number} low @param {number} high words */
  text(low, high) {
    return Array.from({ length: this.between(low, high) }, () => this.of(WORDS)).join(' ')
  }
  /** @param {number} nation */
  phone(nation) {
    return `${nation + 10}-${this.between(100, 999)}-${this.between(100, 999)}-${this.between(1000, 9999)}`
  }
}

/** @param {number} amount */
function cents(amount) {
  const sign = amount < 0 ? '-' : ''
  const size = Math.abs(amount)
  return `${sign}${Math.floor(size / 100)}.${String(size % 100).padStart(2, '0')}`
}

/** @param {number} day from the first one */
function dateOf(day) {
  return new Date(FIRST_DAY + day * DAY_MS).toISOString().slice(0, 10)
}

/** @param {string} name @param {number} number */
function numbered(name, number) {
  return `${name}#${String(number).padStart(9, '0')}`
}

/** In cents. @param {number} part */
function retailPrice(part) {
  return 90_000 + (Math.floor(part / 10) % 20_001) + 100 * (part % 1000)
}

/** The supplier at one of the four places of a part. @param {number} part @param {number} place @param {number} count */
function supplierOf(part, place, count) {
  return ((part + place * (Math.floor(count / 4) + Math.floor((part - 1) / count))) % count) + 1
}

/**
 * The rows of all tables, by name.
 * @param {number} scale 1: six million line items
 * @param {number} [seed]
 * @returns {Record<string, Row[]>}
 */
export function generateRows(scale, seed = 1) {
  const count = (/** @type {number} */ base) => Math.max(1, Math.round(base * scale))
  const suppliers = Math.max(4, count(10_000))
  const parts = count(200_000)
  const customers = Math.max(3, count(150_000))
  const { orders, lineitem } = salesRows(new Dice(seed + 5), {
    suppliers,
    parts,
    customers,
    orders: count(1_500_000),
  })
  const dice = new Dice(seed)
  return {
    region: REGIONS.map((name, at) => [at, name, dice.text(4, 10)]),
    nation: NATIONS.map(([name, region], at) => [at, name, region, dice.text(4, 10)]),
    supplier: supplierRows(new Dice(seed + 1), suppliers),
    part: partRows(new Dice(seed + 2), parts),
    partsupp: offerRows(new Dice(seed + 3), parts, suppliers),
    customer: customerRows(new Dice(seed + 4), customers),
    orders,
    lineitem,
  }
}

/** @param {Dice} dice @param {number} count @returns {Row[]} */
function supplierRows(dice, count) {
  return Array.from({ length: count }, (_, at) => {
    const nation = dice.between(0, 24)
    const remark = dice.between(1, 40) === 1 ? ` Customer ${dice.of(WORDS)} Complaints` : ''
    const [address, phone] = [dice.text(2, 3), dice.phone(nation)]
    return [
      at + 1,
      numbered('Supplier', at + 1),
      address,
      nation,
      phone,
      dice.money(-99_999, 999_999),
      dice.text(4, 6) + remark,
    ]
  })
}

/** @param {Dice} dice @param {number} count @returns {Row[]} */
function partRows(dice, count) {
  return Array.from({ length: count }, (_, at) => {
    const names = Array.from({ length: 5 }, () => dice.of(COLOURS)).join(' ')
    const maker = dice.between(1, 5)
    const type = `${dice.of(TYPE_SIZES)} ${dice.of(TYPE_FINISHES)} ${dice.of(TYPE_METALS)}`
    const container = `${dice.of(CONTAINER_SIZES)} ${dice.of(CONTAINERS)}`
    const brand = `Brand#${maker}${dice.between(1, 5)}`
    const price = cents(retailPrice(at + 1))
    return [
      at + 1,
      names,
      `Manufacturer#${maker}`,
      brand,
      type,
      dice.between(1, 50),
      container,
      price,
      dice.text(1, 2),
    ]
  })
}

/** @param {Dice} dice @param {number} parts @param {number} suppliers @returns {Row[]} */
function offerRows(dice, parts, suppliers) {
  return Array.from({ length: parts }, (_, at) =>
    [0, 1, 2, 3].map((place) => [
      at + 1,
      supplierOf(at + 1, place, suppliers),
      dice.between(1, 9999),
      dice.money(100, 100_000),
      dice.text(5, 15),
    ]),
  ).flat()
}

/** @param {Dice} dice @param {number} count @returns {Row[]} */
function customerRows(dice, count) {
  return Array.from({ length: count }, (_, at) => {
    const nation = dice.between(0, 24)
    const [address, phone] = [dice.text(2, 3), dice.phone(nation)]
    const [balance, segment] = [dice.money(-99_999, 999_999), dice.of(SEGMENTS)]
    return [at + 1, numbered('Customer', at + 1), address, nation, phone, balance, segment, dice.text(4, 8)]
  })
}

/**
 * Orders and their lines; every third customer has none.
 * @param {Dice} dice
 * @param {{ suppliers: number, parts: number, customers: number, orders: number }} counts
 * @returns {{ orders: Row[], lineitem: Row[] }}
 */
function salesRows(dice, counts) {
  /** @type {Row[]} */
  const orders = []
  /** @type {Row[]} */
  const lineitem = []
  for (let at = 0; at < counts.orders; at++) {
    // Eight keys of each 32 are in use.
    const key = Math.floor(at / 8) * 32 + (at % 8) + 1
    let customer = dice.between(1, counts.customers)
    if (customer % 3 === 0) customer -= 1
    const day = dice.between(0, DAYS - 152)
    const lines = lineRows(dice, key, day, counts)
    lineitem.push(...lines.rows)
    const priority = dice.of(PRIORITIES)
    const clerk = numbered('Clerk', dice.between(1, Math.max(1, Math.ceil(counts.orders / 1500))))
    orders.push([
      key,
      customer,
      lines.status,
      cents(lines.total),
      dateOf(day),
      priority,
      clerk,
      0,
      dice.text(4, 6),
    ])
  }
  return { orders, lineitem }
}

/**
 * @param {Dice} dice
 * @param {number} order
 * @param {number} day of the order
 * @param {{ suppliers: number, parts: number }} counts
 * @returns {{ rows: Row[], status: string, total: number }}
 */
function lineRows(dice, order, day, { suppliers, parts }) {
  let total = 0
  let shippedCount = 0
  const count = dice.between(1, 7)
  const rows = Array.from({ length: count }, (_, at) => {
    const part = dice.between(1, parts)
    const supplier = supplierOf(part, dice.between(0, 3), suppliers)
    const quantity = dice.between(1, 50)
    const price = quantity * retailPrice(part)
    const [discount, tax] = [dice.between(0, 10), dice.between(0, 8)]
    const shipped = day + dice.between(1, 121)
    const committed = day + dice.between(30, 90)
    const received = shipped + dice.between(1, 30)
    const isShipped = FIRST_DAY + shipped * DAY_MS <= TODAY
    const isReceived = FIRST_DAY + received * DAY_MS <= TODAY
    if (isShipped) shippedCount++
    total += Math.round((price * (100 - discount) * (100 + tax)) / 10_000)
    const flag = isReceived ? dice.of(['R', 'A']) : 'N'
    const dates = [shipped, committed, received].map(dateOf)
    const end = [dice.of(INSTRUCTIONS), dice.of(MODES), dice.text(2, 3)]
    const start = [order, part, supplier, at + 1, quantity, cents(price), cents(discount), cents(tax)]
    return [...start, flag, isShipped ? 'F' : 'O', ...dates, ...end]
  })
  return { rows, status: shippedCount === count ? 'F' : shippedCount === 0 ? 'O' : 'P', total }
}
