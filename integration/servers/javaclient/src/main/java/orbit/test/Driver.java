package orbit.test;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.tikv.common.BytePairWrapper;
import org.tikv.common.ByteWrapper;
import org.tikv.common.TiConfiguration;
import org.tikv.common.TiSession;
import org.tikv.common.exception.RawCASConflictException;
import org.tikv.common.util.ConcreteBackOffer;
import org.tikv.kvproto.Kvrpcpb.KvPair;
import org.tikv.raw.RawKVClient;
import org.tikv.shade.com.google.gson.JsonArray;
import org.tikv.shade.com.google.gson.JsonElement;
import org.tikv.shade.com.google.gson.JsonObject;
import org.tikv.shade.com.google.gson.JsonParser;
import org.tikv.shade.com.google.protobuf.ByteString;
import org.tikv.txn.KVClient;
import org.tikv.txn.TwoPhaseCommitter;

/**
 * The Java client of TiKV, driven line by line; integration/tikv/harness/driver.js tells the commands. The client has
 * the phases of a commit but no transactions, so what a transaction wrote is kept here until then.
 */
public final class Driver {
  private static final int BACKOFF_MS = 20_000;

  static final class Unsupported extends Exception {
    Unsupported(String op) {
      super("no " + op);
    }
  }

  /** What a transaction writes until it is committed, by key in hexadecimal. */
  private static final class Txn {
    final long startTs;
    final TreeMap<String, byte[]> writes = new TreeMap<>();

    Txn(long startTs) {
      this.startTs = startTs;
    }
  }

  private final String pd;
  private final Map<String, Txn> open = new HashMap<>();
  private TiSession session;
  private KVClient txn;
  private RawKVClient raw;

  private Driver(String pd) {
    this.pd = pd;
  }

  public static void main(String[] arguments) throws Exception {
    // Standard output is for answers.
    PrintStream out = System.out;
    System.setOut(System.err);
    Driver driver = new Driver(String.join(",", arguments));
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      JsonObject answer = new JsonObject();
      try {
        driver.run(new JsonParser().parse(line).getAsJsonObject(), answer);
        answer.addProperty("ok", true);
      } catch (Exception error) {
        answer = new JsonObject();
        answer.addProperty("ok", false);
        answer.addProperty("error", described(error));
        answer.addProperty("kind", kindOf(error));
      }
      out.println(answer);
      out.flush();
    }
    System.exit(0);
  }

  private static String described(Throwable error) {
    StringBuilder text = new StringBuilder();
    for (Throwable each = error; each != null; each = each.getCause()) {
      text.append(each).append("; ");
    }
    return text.toString();
  }

  private static String kindOf(Throwable error) {
    if (error instanceof Unsupported) return "unsupported";
    String text = described(error).toLowerCase();
    if (text.contains("conflict")) return "conflict";
    return text.contains("lock") ? "locked" : "";
  }

  private void run(JsonObject c, JsonObject answer) throws Exception {
    String op = text(c, "op");
    if (op.equals("bench") && text(c, "mode").startsWith("raw ")) {
      answer.add("result", Bench.run(Bench.raw(rawClient(), c), c));
      return;
    }
    if (op.startsWith("raw")) {
      inRaw(op, c, answer);
      return;
    }
    if (session == null || txn == null) {
      session = TiSession.create(TiConfiguration.createDefault(pd));
      txn = session.createKVClient();
    }
    if (op.equals("bench")) {
      answer.add("result", Bench.run(Bench.transactions(session, txn, c), c));
      return;
    }
    if (op.equals("begin")) {
      if (text(c, "mode").equals("pessimistic")) throw new Unsupported("pessimistic");
      Txn begun = new Txn(session.getTimestamp().getVersion());
      open.put(text(c, "txn"), begun);
      answer.addProperty("ts", Long.toUnsignedString(begun.startTs));
      return;
    }
    inTxn(op, open.get(text(c, "txn")), c, answer);
  }

  private void inTxn(String op, Txn current, JsonObject c, JsonObject answer) throws Exception {
    switch (op) {
      case "get":
        if (current.writes.containsKey(text(c, "key"))) {
          byte[] written = current.writes.get(text(c, "key"));
          if (written.length > 0) answer.addProperty("value", hex(written));
          return;
        }
        ByteString value = txn.get(bytes(text(c, "key")), current.startTs);
        if (!value.isEmpty()) answer.addProperty("value", hex(value.toByteArray()));
        return;
      case "batchget":
        answer.add("pairs", pairs(txn.batchGet(backOffer(), all(c, "keys"), current.startTs)));
        return;
      case "scan":
        if (text(c, "end").isEmpty() || !current.writes.isEmpty()) throw new Unsupported(op);
        List<KvPair> found = txn.scan(bytes(text(c, "key")), bytes(text(c, "end")), current.startTs);
        answer.add("pairs", pairs(found.subList(0, Math.min(found.size(), limit(c)))));
        return;
      case "put":
        current.writes.put(text(c, "key"), bytes(text(c, "value")).toByteArray());
        return;
      case "delete":
        current.writes.put(text(c, "key"), new byte[0]);
        return;
      case "prewrite":
        prewrite(session, current);
        return;
      case "rollback":
        open.remove(text(c, "txn"));
        return;
      case "commit":
        open.remove(text(c, "txn"));
        if (!current.writes.isEmpty()) {
          answer.addProperty("ts", Long.toUnsignedString(commit(session, current)));
        }
        return;
      default:
        throw new Unsupported(op);
    }
  }

  private static TwoPhaseCommitter prewrite(TiSession session, Txn current) throws Exception {
    TwoPhaseCommitter committer = new TwoPhaseCommitter(session, current.startTs);
    byte[] primary = bytes(current.writes.firstKey()).toByteArray();
    committer.prewritePrimaryKey(backOffer(), primary, current.writes.firstEntry().getValue());
    List<BytePairWrapper> others = new ArrayList<>();
    current.writes.tailMap(current.writes.firstKey(), false)
        .forEach((key, value) -> others.add(new BytePairWrapper(bytes(key).toByteArray(), value)));
    if (!others.isEmpty()) committer.prewriteSecondaryKeys(primary, others.iterator(), BACKOFF_MS);
    return committer;
  }

  /** Returns the timestamp of the commit. */
  private static long commit(TiSession session, Txn current) throws Exception {
    TwoPhaseCommitter committer = prewrite(session, current);
    long commitTs = session.getTimestamp().getVersion();
    committer.commitPrimaryKey(backOffer(), bytes(current.writes.firstKey()).toByteArray(), commitTs);
    List<ByteWrapper> others = new ArrayList<>();
    current.writes.tailMap(current.writes.firstKey(), false)
        .forEach((key, value) -> others.add(new ByteWrapper(bytes(key).toByteArray())));
    if (!others.isEmpty()) committer.commitSecondaryKeys(others.iterator(), commitTs, BACKOFF_MS);
    return commitTs;
  }

  private RawKVClient rawClient() {
    if (raw == null) {
      TiConfiguration configuration = TiConfiguration.createRawDefault(pd);
      configuration.setEnableAtomicForCAS(true);
      raw = TiSession.create(configuration).createRawClient();
    }
    return raw;
  }

  private void inRaw(String op, JsonObject c, JsonObject answer) throws Exception {
    RawKVClient raw = rawClient();
    ByteString key = bytes(text(c, "key"));
    switch (op) {
      case "rawget":
        raw.get(key).ifPresent(value -> answer.addProperty("value", hex(value.toByteArray())));
        return;
      case "rawput":
        raw.put(key, bytes(text(c, "value")), c.has("ttl") ? c.get("ttl").getAsLong() : 0);
        return;
      case "rawttl":
        raw.getKeyTTL(key).ifPresent(seconds -> answer.addProperty("result", seconds));
        return;
      case "rawdelete":
        raw.delete(key);
        return;
      case "rawbatchget":
        answer.add("pairs", pairs(raw.batchGet(all(c, "keys"))));
        return;
      case "rawbatchput":
        Map<ByteString, ByteString> entries = new LinkedHashMap<>();
        List<ByteString> values = all(c, "values");
        for (ByteString each : all(c, "keys")) entries.put(each, values.get(entries.size()));
        raw.batchPut(entries);
        return;
      case "rawdeleterange":
        raw.deleteRange(key, bytes(text(c, "end")));
        return;
      case "rawscan":
        answer.add("pairs", pairs(raw.scan(key, bytes(text(c, "end")), limit(c))));
        return;
      case "rawcas":
        swap(key, c, answer);
        return;
      default:
        throw new Unsupported(op);
    }
  }

  private void swap(ByteString key, JsonObject c, JsonObject answer) {
    Optional<ByteString> expected =
        text(c, "mode").equals("absent") ? Optional.empty() : Optional.of(bytes(text(c, "end")));
    try {
      raw.compareAndSet(key, expected, bytes(text(c, "value")));
      expected.ifPresent(value -> answer.addProperty("value", hex(value.toByteArray())));
      answer.addProperty("result", true);
    } catch (RawCASConflictException conflict) {
      conflict.getPrevValue().ifPresent(value -> answer.addProperty("value", hex(value.toByteArray())));
      answer.addProperty("result", false);
    }
  }

  static ConcreteBackOffer backOffer() {
    return ConcreteBackOffer.newCustomBackOff(BACKOFF_MS);
  }

  static String text(JsonObject c, String field) {
    return c.has(field) ? c.get(field).getAsString() : "";
  }

  private static int limit(JsonObject c) {
    int given = c.has("limit") ? c.get("limit").getAsInt() : 0;
    return given == 0 ? 10_000 : given;
  }

  private static List<ByteString> all(JsonObject c, String field) {
    List<ByteString> list = new ArrayList<>();
    for (JsonElement each : c.getAsJsonArray(field)) list.add(bytes(each.getAsString()));
    return list;
  }

  private static JsonArray pairs(List<KvPair> found) {
    TreeMap<String, String> sorted = new TreeMap<>();
    for (KvPair pair : found) sorted.put(hex(pair.getKey().toByteArray()), hex(pair.getValue().toByteArray()));
    JsonArray list = new JsonArray();
    sorted.forEach(
        (key, value) -> {
          JsonArray pair = new JsonArray();
          pair.add(key);
          pair.add(value);
          list.add(pair);
        });
    return list;
  }

  private static ByteString bytes(String hex) {
    byte[] bytes = new byte[hex.length() / 2];
    for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) Integer.parseInt(hex, 2 * i, 2 * i + 2, 16);
    return ByteString.copyFrom(bytes);
  }

  private static String hex(byte[] bytes) {
    StringBuilder text = new StringBuilder();
    for (byte each : bytes) text.append(String.format("%02x", each));
    return text.toString();
  }
}
