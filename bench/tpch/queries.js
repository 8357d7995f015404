// @ts-check
/**
 * The 22 questions of the decision-support benchmark that TPC-H's public specification describes, in our own SQL. Each
 * names a complete order where it can, so that answers can be compared row by row.
 */

/** @type {readonly { name: string, sql: string }[]} */
export const QUERIES = [
  {
    name: 'Q1 pricing summary',
    sql: `
SELECT l_returnflag, l_linestatus,
       sum(l_quantity) AS quantity,
       sum(l_extendedprice) AS base_price,
       sum(l_extendedprice * (1 - l_discount)) AS discounted,
       sum(l_extendedprice * (1 - l_discount) * (1 + l_tax)) AS charged,
       avg(l_quantity) AS average_quantity,
       avg(l_extendedprice) AS average_price,
       avg(l_discount) AS average_discount,
       count(*) AS line_count
FROM lineitem
WHERE l_shipdate <= date '1998-12-01' - interval '90 days'
GROUP BY l_returnflag, l_linestatus
ORDER BY 1, 2`,
  },
  {
    name: 'Q2 cheapest supplier',
    sql: `
SELECT s_acctbal, s_name, n_name, p_partkey, p_mfgr, s_address, s_phone, s_comment
FROM part
JOIN partsupp ON ps_partkey = p_partkey
JOIN supplier ON s_suppkey = ps_suppkey
JOIN nation ON n_nationkey = s_nationkey
JOIN region ON r_regionkey = n_regionkey AND r_name = 'EUROPE'
WHERE p_size = 15 AND p_type LIKE '%BRASS'
  AND ps_supplycost = (
    SELECT min(offer.ps_supplycost)
    FROM partsupp AS offer
    JOIN supplier AS other ON other.s_suppkey = offer.ps_suppkey
    JOIN nation AS home ON home.n_nationkey = other.s_nationkey
    JOIN region AS area ON area.r_regionkey = home.n_regionkey
    WHERE offer.ps_partkey = p_partkey AND area.r_name = 'EUROPE')
ORDER BY s_acctbal DESC, n_name, s_name, p_partkey
LIMIT 100`,
  },
  {
    name: 'Q3 shipping priority',
    sql: `
SELECT o_orderkey, sum(l_extendedprice * (1 - l_discount)) AS revenue, o_orderdate, o_shippriority
FROM customer, orders, lineitem
WHERE c_mktsegment = 'BUILDING' AND c_custkey = o_custkey AND o_orderkey = l_orderkey
  AND o_orderdate < date '1995-03-15' AND l_shipdate > date '1995-03-15'
GROUP BY o_orderkey, o_orderdate, o_shippriority
ORDER BY revenue DESC, o_orderdate, o_orderkey
LIMIT 10`,
  },
  {
    name: 'Q4 order priorities',
    sql: `
SELECT o_orderpriority, count(*) AS order_count
FROM orders
WHERE o_orderdate >= date '1993-07-01' AND o_orderdate < date '1993-07-01' + interval '3 months'
  AND EXISTS (SELECT FROM lineitem WHERE l_orderkey = o_orderkey AND l_commitdate < l_receiptdate)
GROUP BY o_orderpriority
ORDER BY o_orderpriority`,
  },
  {
    name: 'Q5 local supplier volume',
    sql: `
SELECT n_name, sum(l_extendedprice * (1 - l_discount)) AS revenue
FROM region, nation, supplier, customer, orders, lineitem
WHERE r_name = 'ASIA' AND n_regionkey = r_regionkey AND s_nationkey = n_nationkey
  AND c_nationkey = s_nationkey AND o_custkey = c_custkey
  AND l_orderkey = o_orderkey AND l_suppkey = s_suppkey
  AND o_orderdate >= date '1994-01-01' AND o_orderdate < date '1995-01-01'
GROUP BY n_name
ORDER BY revenue DESC, n_name`,
  },
  {
    name: 'Q6 revenue forecast',
    sql: `
SELECT sum(l_extendedprice * l_discount) AS revenue
FROM lineitem
WHERE l_shipdate >= date '1994-01-01' AND l_shipdate < date '1995-01-01'
  AND l_discount BETWEEN 0.05 AND 0.07 AND l_quantity < 24`,
  },
  {
    name: 'Q7 volume between nations',
    sql: `
SELECT seller, buyer, year, sum(volume) AS revenue
FROM (
  SELECT n1.n_name AS seller, n2.n_name AS buyer, extract(year FROM l_shipdate) AS year,
         l_extendedprice * (1 - l_discount) AS volume
  FROM supplier
  JOIN lineitem ON l_suppkey = s_suppkey
  JOIN orders ON o_orderkey = l_orderkey
  JOIN customer ON c_custkey = o_custkey
  JOIN nation AS n1 ON n1.n_nationkey = s_nationkey
  JOIN nation AS n2 ON n2.n_nationkey = c_nationkey
  WHERE l_shipdate BETWEEN date '1995-01-01' AND date '1996-12-31'
    AND (n1.n_name = 'FRANCE' AND n2.n_name = 'GERMANY' OR n1.n_name = 'GERMANY' AND n2.n_name = 'FRANCE')
) AS shipping
GROUP BY seller, buyer, year
ORDER BY seller, buyer, year`,
  },
  {
    name: 'Q8 market share',
    sql: `
SELECT year, sum(CASE WHEN seller = 'BRAZIL' THEN volume ELSE 0 END) / sum(volume) AS share
FROM (
  SELECT extract(year FROM o_orderdate) AS year, l_extendedprice * (1 - l_discount) AS volume,
         n2.n_name AS seller
  FROM part, supplier, lineitem, orders, customer, nation AS n1, nation AS n2, region
  WHERE p_partkey = l_partkey AND s_suppkey = l_suppkey AND l_orderkey = o_orderkey
    AND o_custkey = c_custkey AND c_nationkey = n1.n_nationkey AND n1.n_regionkey = r_regionkey
    AND r_name = 'AMERICA' AND s_nationkey = n2.n_nationkey
    AND o_orderdate BETWEEN date '1995-01-01' AND date '1996-12-31'
    AND p_type = 'ECONOMY ANODIZED STEEL'
) AS sales
GROUP BY year
ORDER BY year`,
  },
  {
    name: 'Q9 profit by nation and year',
    sql: `
SELECT nation, year, sum(amount) AS profit
FROM (
  SELECT n_name AS nation, extract(year FROM o_orderdate) AS year,
         l_extendedprice * (1 - l_discount) - ps_supplycost * l_quantity AS amount
  FROM part, supplier, lineitem, partsupp, orders, nation
  WHERE s_suppkey = l_suppkey AND ps_suppkey = l_suppkey AND ps_partkey = l_partkey
    AND p_partkey = l_partkey AND o_orderkey = l_orderkey AND s_nationkey = n_nationkey
    AND p_name LIKE '%green%'
) AS profits
GROUP BY nation, year
ORDER BY nation, year DESC`,
  },
  {
    name: 'Q10 returned items',
    sql: `
SELECT c_custkey, c_name, sum(l_extendedprice * (1 - l_discount)) AS revenue, c_acctbal, n_name,
       c_address, c_phone, c_comment
FROM customer
JOIN orders ON o_custkey = c_custkey
JOIN lineitem ON l_orderkey = o_orderkey
JOIN nation ON n_nationkey = c_nationkey
WHERE o_orderdate >= date '1993-10-01' AND o_orderdate < date '1994-01-01' AND l_returnflag = 'R'
GROUP BY c_custkey, c_name, c_acctbal, c_phone, n_name, c_address, c_comment
ORDER BY revenue DESC, c_custkey
LIMIT 20`,
  },
  {
    name: 'Q11 important stock',
    sql: `
SELECT ps_partkey, sum(ps_supplycost * ps_availqty) AS value
FROM partsupp
JOIN supplier ON s_suppkey = ps_suppkey
JOIN nation ON n_nationkey = s_nationkey AND n_name = 'GERMANY'
GROUP BY ps_partkey
HAVING sum(ps_supplycost * ps_availqty) > (
  SELECT sum(ps_supplycost * ps_availqty) * 0.01
  FROM partsupp
  JOIN supplier ON s_suppkey = ps_suppkey
  JOIN nation ON n_nationkey = s_nationkey AND n_name = 'GERMANY')
ORDER BY value DESC, ps_partkey`,
  },
  {
    name: 'Q12 late deliveries by mode',
    sql: `
SELECT l_shipmode,
       count(*) FILTER (WHERE o_orderpriority IN ('1-URGENT', '2-HIGH')) AS high_count,
       sum(CASE WHEN o_orderpriority <> '1-URGENT' AND o_orderpriority <> '2-HIGH' THEN 1 ELSE 0 END) AS low_count
FROM orders
JOIN lineitem ON l_orderkey = o_orderkey
WHERE l_shipmode IN ('MAIL', 'SHIP') AND l_commitdate < l_receiptdate AND l_shipdate < l_commitdate
  AND l_receiptdate >= date '1994-01-01' AND l_receiptdate < date '1995-01-01'
GROUP BY l_shipmode
ORDER BY l_shipmode`,
  },
  {
    name: 'Q13 orders per customer',
    sql: `
SELECT order_count, count(*) AS customer_count
FROM (
  SELECT c_custkey, count(o_orderkey) AS order_count
  FROM customer
  LEFT JOIN orders ON o_custkey = c_custkey AND o_comment NOT LIKE '%special%requests%'
  GROUP BY c_custkey
) AS per_customer
GROUP BY order_count
ORDER BY customer_count DESC, order_count DESC`,
  },
  {
    name: 'Q14 effect of promotions',
    sql: `
SELECT 100.00 * sum(CASE WHEN p_type LIKE 'PROMO%' THEN l_extendedprice * (1 - l_discount) ELSE 0 END)
       / sum(l_extendedprice * (1 - l_discount)) AS promoted
FROM lineitem
JOIN part ON p_partkey = l_partkey
WHERE l_shipdate >= date '1995-09-01' AND l_shipdate < date '1995-10-01'`,
  },
  {
    name: 'Q15 top supplier',
    sql: `
WITH revenue AS (
  SELECT l_suppkey AS supplier_no, sum(l_extendedprice * (1 - l_discount)) AS total
  FROM lineitem
  WHERE l_shipdate >= date '1996-01-01' AND l_shipdate < date '1996-04-01'
  GROUP BY l_suppkey
)
SELECT s_suppkey, s_name, s_address, s_phone, total
FROM supplier
JOIN revenue ON supplier_no = s_suppkey
WHERE total = (SELECT max(total) FROM revenue)
ORDER BY s_suppkey`,
  },
  {
    name: 'Q16 suppliers of parts',
    sql: `
SELECT p_brand, p_type, p_size, count(DISTINCT ps_suppkey) AS supplier_count
FROM partsupp
JOIN part ON p_partkey = ps_partkey
WHERE p_brand <> 'Brand#45' AND p_type NOT LIKE 'MEDIUM POLISHED%'
  AND p_size IN (49, 14, 23, 45, 19, 3, 36, 9)
  AND ps_suppkey NOT IN (SELECT s_suppkey FROM supplier WHERE s_comment LIKE '%Customer%Complaints%')
GROUP BY p_brand, p_type, p_size
ORDER BY supplier_count DESC, p_brand, p_type, p_size`,
  },
  {
    name: 'Q17 small orders',
    sql: `
SELECT sum(l_extendedprice) / 7.0 AS yearly
FROM lineitem
JOIN part ON p_partkey = l_partkey
WHERE p_brand = 'Brand#23' AND p_container = 'MED BOX'
  AND l_quantity < (SELECT 0.2 * avg(line.l_quantity) FROM lineitem AS line WHERE line.l_partkey = p_partkey)`,
  },
  {
    name: 'Q18 large orders',
    sql: `
SELECT c_name, c_custkey, o_orderkey, o_orderdate, o_totalprice, sum(l_quantity) AS quantity
FROM customer
JOIN orders ON o_custkey = c_custkey
JOIN lineitem ON l_orderkey = o_orderkey
WHERE o_orderkey IN (SELECT l_orderkey FROM lineitem GROUP BY l_orderkey HAVING sum(l_quantity) > 250)
GROUP BY c_name, c_custkey, o_orderkey, o_orderdate, o_totalprice
ORDER BY o_totalprice DESC, o_orderdate, o_orderkey
LIMIT 100`,
  },
  {
    name: 'Q19 discounted revenue',
    sql: `
SELECT sum(l_extendedprice * (1 - l_discount)) AS revenue
FROM lineitem, part
WHERE p_partkey = l_partkey AND l_shipmode IN ('AIR', 'REG AIR') AND l_shipinstruct = 'DELIVER IN PERSON'
  AND (p_brand = 'Brand#12' AND p_container IN ('SM CASE', 'SM BOX', 'SM PACK', 'SM PKG')
       AND l_quantity BETWEEN 1 AND 11 AND p_size BETWEEN 1 AND 5
    OR p_brand = 'Brand#23' AND p_container IN ('MED BAG', 'MED BOX', 'MED PKG', 'MED PACK')
       AND l_quantity BETWEEN 10 AND 20 AND p_size BETWEEN 1 AND 10
    OR p_brand = 'Brand#34' AND p_container IN ('LG CASE', 'LG BOX', 'LG PACK', 'LG PKG')
       AND l_quantity BETWEEN 20 AND 30 AND p_size BETWEEN 1 AND 15)`,
  },
  {
    name: 'Q20 excess stock',
    sql: `
SELECT s_name, s_address
FROM supplier
JOIN nation ON n_nationkey = s_nationkey AND n_name = 'CANADA'
WHERE s_suppkey IN (
  SELECT ps_suppkey
  FROM partsupp
  WHERE ps_partkey IN (SELECT p_partkey FROM part WHERE p_name LIKE 'forest%')
    AND ps_availqty > (
      SELECT 0.5 * sum(l_quantity)
      FROM lineitem
      WHERE l_partkey = ps_partkey AND l_suppkey = ps_suppkey
        AND l_shipdate >= date '1994-01-01' AND l_shipdate < date '1995-01-01'))
ORDER BY s_name`,
  },
  {
    name: 'Q21 suppliers that kept orders waiting',
    sql: `
SELECT s_name, count(*) AS waiting
FROM supplier
JOIN lineitem AS late ON late.l_suppkey = s_suppkey AND late.l_receiptdate > late.l_commitdate
JOIN orders ON o_orderkey = late.l_orderkey AND o_orderstatus = 'F'
JOIN nation ON n_nationkey = s_nationkey AND n_name = 'SAUDI ARABIA'
WHERE EXISTS (
    SELECT FROM lineitem AS other
    WHERE other.l_orderkey = late.l_orderkey AND other.l_suppkey <> late.l_suppkey)
  AND NOT EXISTS (
    SELECT FROM lineitem AS other
    WHERE other.l_orderkey = late.l_orderkey AND other.l_suppkey <> late.l_suppkey
      AND other.l_receiptdate > other.l_commitdate)
GROUP BY s_name
ORDER BY waiting DESC, s_name
LIMIT 100`,
  },
  {
    name: 'Q22 customers without orders',
    sql: `
SELECT code, count(*) AS customer_count, sum(c_acctbal) AS balance
FROM (
  SELECT substring(c_phone FROM 1 FOR 2) AS code, c_acctbal
  FROM customer
  WHERE substring(c_phone FROM 1 FOR 2) IN ('13', '31', '23', '29', '30', '18', '17')
    AND c_acctbal > (
      SELECT avg(c_acctbal) FROM customer
      WHERE c_acctbal > 0.00
        AND substring(c_phone FROM 1 FOR 2) IN ('13', '31', '23', '29', '30', '18', '17'))
    AND NOT EXISTS (SELECT FROM orders WHERE o_custkey = c_custkey)
) AS idle
GROUP BY code
ORDER BY code`,
  },
]
