package orbit.test;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.tikv.common.TiSession;
import org.tikv.raw.RawKVClient;
import org.tikv.shade.com.google.gson.JsonObject;
import org.tikv.shade.com.google.protobuf.ByteString;
import org.tikv.txn.KVClient;

/** The operations of bench/tikv.bench.js; each caller is a thread, as the client's calls block. */
final class Bench {
  private static final int BATCH_KEYS = 10;

  interface Operation {
    void run(Random random) throws Exception;
  }

  private Bench() {}

  static Operation raw(RawKVClient client, JsonObject c) {
    if (Driver.text(c, "mode").equals("raw get")) return random -> client.get(key(c, random));
    ByteString value = ByteString.copyFrom(new byte[c.get("size").getAsInt()]);
    return random -> client.put(key(c, random), value);
  }

  static Operation transactions(TiSession session, KVClient client, JsonObject c)
      throws Driver.Unsupported {
    String mode = Driver.text(c, "mode");
    switch (mode) {
      case "get":
        return random -> client.get(key(c, random), session.getTimestamp().getVersion());
      case "batch get":
        return random -> {
          List<ByteString> keys = new ArrayList<>();
          for (int i = 0; i < BATCH_KEYS; i++) keys.add(key(c, random));
          client.batchGet(Driver.backOffer(), keys, session.getTimestamp().getVersion());
        };
      default:
        // A scan reads ten thousand rows whatever it is asked for. A commit that meets a lock tries for seconds, then
        // leaves its own ones to everybody for an hour.
        throw new Driver.Unsupported(mode);
    }
  }

  static JsonObject run(Operation operation, JsonObject c) throws InterruptedException {
    int callers = c.get("callers").getAsInt();
    List<Caller> all = new ArrayList<>();
    double cpu = cpuSeconds();
    long start = System.nanoTime();
    long end = start + (long) (c.get("seconds").getAsDouble() * 1e9);
    for (int caller = 0; caller < callers; caller++) all.add(new Caller(operation, caller, end));
    for (Caller caller : all) caller.start();
    for (Caller caller : all) caller.join();
    double seconds = (System.nanoTime() - start) / 1e9;
    double used = cpuSeconds() - cpu;
    double[] times =
        all.stream().flatMapToDouble(caller -> caller.times.build()).sorted().toArray();
    JsonObject result = new JsonObject();
    result.addProperty("operations", times.length);
    result.addProperty("failed", all.stream().mapToLong(caller -> caller.failed).sum());
    result.addProperty("seconds", seconds);
    result.addProperty("cpuSeconds", used);
    result.addProperty("p50", at(times, 0.5));
    result.addProperty("p95", at(times, 0.95));
    result.addProperty("p99", at(times, 0.99));
    return result;
  }

  private static final class Caller extends Thread {
    final DoubleStream.Builder times = DoubleStream.builder();
    long failed;
    private final Operation operation;
    private final Random random;
    private final long end;

    Caller(Operation operation, int seed, long end) {
      this.operation = operation;
      this.random = new Random(seed);
      this.end = end;
    }

    @Override
    public void run() {
      for (long began = System.nanoTime(); began < end; began = System.nanoTime()) {
        try {
          operation.run(random);
          times.add((System.nanoTime() - began) / 1e3);
        } catch (Exception error) {
          failed++;
        }
      }
    }
  }

  private static ByteString key(JsonObject c, Random random) {
    return keyAt(random.nextInt(c.get("limit").getAsInt()));
  }

  private static ByteString keyAt(int number) {
    return ByteString.copyFrom(String.format("bench-%06d", number), UTF_8);
  }

  private static double at(double[] times, double share) {
    return times.length == 0 ? 0 : times[Math.min(times.length - 1, (int) (share * times.length))];
  }

  private static double cpuSeconds() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime() / 1e9;
  }
}
