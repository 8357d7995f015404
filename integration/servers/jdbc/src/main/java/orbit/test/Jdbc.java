package orbit.test;

import java.io.ByteArrayOutputStream;
import java.io.StringReader;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.postgresql.copy.CopyManager;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What JDBC does against a server: `Jdbc HOST PORT DATABASE USER CA_FILE`. Prints `name: result` for each step. */
public final class Jdbc {
  private interface Work {
    void run() throws Exception;
  }

  public static void main(String[] args) throws Exception {
    String url = "jdbc:postgresql://" + args[0] + ":" + args[1] + "/" + args[2] + "?user=" + args[3];
    try (Connection connection = DriverManager.getConnection(url + "&sslmode=disable")) {
      schema(connection);
      crud(connection);
      // From the fifth run on the driver names the statement and asks for binary answers.
      types(connection);
      transactions(connection);
      fetching(connection);
      errors(connection);
      batches(connection);
      copying(connection);
      metadata(connection);
      cancelling(connection);
      notifications(connection, url);
    }
    String secure = "&sslmode=verify-full&sslrootcert=" + args[4];
    try (Connection connection = DriverManager.getConnection(url.replace(args[0], "localhost") + secure)) {
      show("tls", one(connection, "SELECT 1"));
    }
  }

  private static void schema(Connection connection) throws SQLException {
    run(connection, "SET TIME ZONE 'UTC'");
    run(connection, "DROP TABLE IF EXISTS j_items, j_owners");
    run(connection, "CREATE TABLE j_owners (id serial PRIMARY KEY, name text NOT NULL UNIQUE)");
    run(
        connection,
        "CREATE TABLE j_items (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
            + " owner int NOT NULL REFERENCES j_owners, price numeric(10,2) CHECK (price > 0), at timestamptz,"
            + " day date, data jsonb, tags text[], raw bytea, key uuid, yes bool, small int2, short float4, wide float8)");
    show("schema", "done");
  }

  private static void crud(Connection connection) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO j_owners (name) VALUES (?)", Statement.RETURN_GENERATED_KEYS)) {
      for (String name : List.of("ann", "bob")) {
        insert.setString(1, name);
        insert.executeUpdate();
        ResultSet keys = insert.getGeneratedKeys();
        keys.next();
        show("key of " + name, keys.getInt("id"));
      }
    }
    try (PreparedStatement update = connection.prepareStatement("UPDATE j_owners SET name = upper(name) WHERE name = ?")) {
      update.setString(1, "ann");
      show("update", update.executeUpdate());
    }
    show("delete", run(connection, "DELETE FROM j_owners WHERE name = 'bob'"));
    show("select", one(connection, "SELECT string_agg(name, ',' ORDER BY id) FROM j_owners"));
  }

  private static void types(Connection connection) throws SQLException {
    String sql =
        "INSERT INTO j_items (owner, price, at, day, data, tags, raw, key, yes, small, short, wide)"
            + " VALUES (1, ?, ?, ?, ?::jsonb, ?, ?, ?, ?, ?, ?, ?)"
            + " RETURNING price, at, day, data, tags, raw, key, yes, small, short, wide";
    try (PreparedStatement insert = connection.prepareStatement(sql)) {
      for (int round = 1; round <= 7; round++) {
        insert.setBigDecimal(1, new BigDecimal("12.50"));
        insert.setObject(2, OffsetDateTime.of(2024, 2, 29, 12, 30, 15, 123456000, ZoneOffset.UTC));
        insert.setObject(3, LocalDate.of(2024, 2, 29));
        insert.setString(4, "{\"a\": [1, 2.5, null]}");
        insert.setArray(5, connection.createArrayOf("text", new String[] {"a", "b,c", null}));
        insert.setBytes(6, new byte[] {0, 1, -1});
        insert.setObject(7, UUID.fromString("12345678-1234-5678-1234-567812345678"));
        insert.setBoolean(8, true);
        insert.setShort(9, (short) -7);
        insert.setFloat(10, 1.5f);
        insert.setDouble(11, -2.25);
        try (ResultSet row = insert.executeQuery()) {
          row.next();
          if (round == 1 || round == 7) show("types " + round, shown(row));
        }
      }
    }
  }

  private static String shown(ResultSet row) throws SQLException {
    Array tags = row.getArray(5);
    StringBuilder raw = new StringBuilder();
    for (byte each : row.getBytes(6)) raw.append(String.format("%02x", each));
    return row.getBigDecimal(1) + " " + row.getObject(2, OffsetDateTime.class) + " " + row.getObject(3, LocalDate.class)
        + " " + row.getString(4) + " " + List.of(((String[]) tags.getArray())[0], ((String[]) tags.getArray())[1])
        + " " + raw + " " + row.getObject(7) + " " + row.getBoolean(8) + " " + row.getShort(9) + " " + row.getFloat(10)
        + " " + row.getDouble(11);
  }

  private static void transactions(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    run(connection, "INSERT INTO j_owners (name) VALUES ('kept')");
    Savepoint savepoint = connection.setSavepoint();
    show("in a failed savepoint", errorOf(() -> run(connection, "INSERT INTO j_owners (name) VALUES ('kept')")));
    connection.rollback(savepoint);
    connection.commit();
    run(connection, "INSERT INTO j_owners (name) VALUES ('undone')");
    connection.rollback();
    connection.setAutoCommit(true);
    show("transactions", one(connection, "SELECT string_agg(name, ',' ORDER BY id) FROM j_owners"));
    connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
    show("isolation", one(connection, "SHOW transaction_isolation"));
    connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
    connection.setReadOnly(true);
    connection.setAutoCommit(false);
    show("read only", errorOf(() -> run(connection, "INSERT INTO j_owners (name) VALUES ('no')")));
    connection.rollback();
    connection.setAutoCommit(true);
    connection.setReadOnly(false);
  }

  /** Two portals open at once, read in pieces, with other statements between. */
  private static void fetching(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement first = connection.createStatement(); Statement second = connection.createStatement()) {
      first.setFetchSize(10);
      second.setFetchSize(7);
      long sum = 0;
      int count = 0;
      ResultSet outer = first.executeQuery("SELECT generate_series(1, 50)");
      ResultSet inner = second.executeQuery("SELECT generate_series(1, 40)");
      while (outer.next()) {
        sum += outer.getInt(1);
        if (inner.next()) count++;
        if (outer.getRow() == 25) run(connection, "UPDATE j_owners SET name = name");
      }
      show("fetch size", sum + " " + count);
    }
    connection.commit();
    connection.setAutoCommit(true);
  }

  private static void errors(Connection connection) {
    show("unique", errorOf(() -> run(connection, "INSERT INTO j_owners (name) VALUES ('kept')")));
    show("not null", errorOf(() -> run(connection, "INSERT INTO j_owners (name) VALUES (NULL)")));
    show("check", errorOf(() -> run(connection, "INSERT INTO j_items (owner, price) VALUES (1, -1)")));
    show("foreign key", errorOf(() -> run(connection, "INSERT INTO j_items (owner) VALUES (999)")));
    show("syntax", errorOf(() -> run(connection, "SELEC 1")));
    show("no table", errorOf(() -> run(connection, "SELECT * FROM j_nothing")));
  }

  private static void batches(Connection connection) throws SQLException {
    run(connection, "CREATE TEMP TABLE j_batch (id int PRIMARY KEY)");
    try (PreparedStatement insert = connection.prepareStatement("INSERT INTO j_batch VALUES (?)")) {
      for (int id = 0; id < 1000; id++) {
        insert.setInt(1, id);
        insert.addBatch();
      }
      show("batch", insert.executeBatch().length);
      insert.setInt(1, 2000);
      insert.addBatch();
      insert.setInt(1, 5);
      insert.addBatch();
      show("batch error", errorOf(insert::executeBatch));
    }
    show("after batch", one(connection, "SELECT count(*) FROM j_batch"));
  }

  private static void copying(Connection connection) throws Exception {
    run(connection, "CREATE TEMP TABLE j_copy (id int, name text)");
    CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
    show("copy in", copy.copyIn("COPY j_copy FROM STDIN (FORMAT CSV)", new StringReader("1,one\n2,\"two, three\"\n")));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    show("copy out", copy.copyOut("COPY j_copy TO STDOUT", out));
    show("copied", new String(out.toByteArray(), StandardCharsets.UTF_8).replace("\n", "|"));
    show("copy error", errorOf(() -> copy.copyIn("COPY j_copy FROM STDIN", new StringReader("x\ty\n"))));
    show("after copy", one(connection, "SELECT count(*) FROM j_copy"));
  }

  private static void metadata(Connection connection) throws SQLException {
    DatabaseMetaData data = connection.getMetaData();
    show("product", data.getDatabaseProductName());
    List<String> found = new ArrayList<>();
    try (ResultSet tables = data.getTables(null, "public", "j\\_%", new String[] {"TABLE"})) {
      while (tables.next()) found.add(tables.getString("TABLE_NAME"));
    }
    show("tables", found);
    found.clear();
    try (ResultSet columns = data.getColumns(null, "public", "j_owners", null)) {
      while (columns.next())
        found.add(columns.getString("COLUMN_NAME") + " " + columns.getString("TYPE_NAME") + " " + columns.getString("IS_NULLABLE") + " " + columns.getString("IS_AUTOINCREMENT"));
    }
    show("columns", found);
    found.clear();
    try (ResultSet keys = data.getPrimaryKeys(null, "public", "j_owners")) {
      while (keys.next()) found.add(keys.getString("COLUMN_NAME") + " " + keys.getString("PK_NAME"));
    }
    show("primary key", found);
    found.clear();
    try (ResultSet keys = data.getImportedKeys(null, "public", "j_items")) {
      while (keys.next()) found.add(keys.getString("FKCOLUMN_NAME") + " " + keys.getString("PKTABLE_NAME"));
    }
    show("foreign keys", found);
    found.clear();
    try (ResultSet indexes = data.getIndexInfo(null, "public", "j_owners", false, true)) {
      while (indexes.next()) found.add(indexes.getString("INDEX_NAME") + " " + indexes.getBoolean("NON_UNIQUE"));
    }
    show("indexes", found);
  }

  private static void cancelling(Connection connection) throws Exception {
    try (Statement statement = connection.createStatement()) {
      Thread canceller =
          new Thread(
              () -> {
                try {
                  Thread.sleep(200);
                  statement.cancel();
                } catch (Exception error) {
                  throw new IllegalStateException(error);
                }
              });
      canceller.start();
      show("cancel", errorOf(() -> statement.execute("SELECT pg_sleep(60)")));
      canceller.join();
      statement.setQueryTimeout(1);
      show("query timeout", errorOf(() -> statement.execute("SELECT pg_sleep(60)")));
    }
    show("after cancel", one(connection, "SELECT 1"));
  }

  private static void notifications(Connection connection, String url) throws SQLException {
    run(connection, "LISTEN j_channel");
    try (Connection other = DriverManager.getConnection(url + "&sslmode=disable")) {
      run(other, "NOTIFY j_channel, 'hello'");
    }
    PGNotification[] got = connection.unwrap(PGConnection.class).getNotifications(10_000);
    show("notify", got[0].getName() + " " + got[0].getParameter());
  }

  private static int run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
      return statement.getUpdateCount();
    }
  }

  private static String one(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  private static String errorOf(Work work) {
    try {
      work.run();
    } catch (SQLException error) {
      SQLException last = error.getNextException() == null ? error : error.getNextException();
      ServerErrorMessage server = last instanceof PSQLException ? ((PSQLException) last).getServerErrorMessage() : null;
      return last.getSQLState()
          + (server == null ? "" : " " + server.getConstraint() + " " + server.getTable() + " " + server.getColumn());
    } catch (Exception error) {
      return error.toString();
    }
    return "no error";
  }

  private static void show(String name, Object result) {
    System.out.println(name + ": " + result);
  }
}
