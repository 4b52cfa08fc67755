package dev.slipway.weights;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

/**
 * A safetensors file, memory-mapped: names to tensors, and nothing that could run. Problems are
 * {@link SlipwayException}s with codes {@code weights.missing}, {@code weights.not-safetensors},
 * {@code weights.truncated}, {@code weights.bad-header}, {@code weights.duplicate-name}, {@code
 * weights.wrong-size}, {@code weights.overlap}, {@code weights.unsupported-type}.
 *
 * @see <a href="https://github.com/huggingface/safetensors">The format</a>
 */
public final class SafeTensors implements WeightSource {
  private static final int BUFFER = 1 << 16;

  private final MappedFile<SafeTensorsHeader> file;

  private SafeTensors(MappedFile<SafeTensorsHeader> file) {
    this.file = file;
  }

  /** Opens a file to read it once and close it; each problem with it is found here. */
  public static SafeTensors open(Path path) {
    return open(path, Residence.MAPPED_ONCE);
  }

  /** As above, with its bytes where they are wanted. */
  public static SafeTensors open(Path path, Residence residence) {
    return new SafeTensors(
        MappedFile.open(path, residence, "a safetensors file", SafeTensorsHeader::parse));
  }

  @Override
  public Set<String> names() {
    return file.header().entries().keySet();
  }

  public Map<String, String> metadata() {
    return file.header().metadata();
  }

  @Override
  public List<Long> shape(String tensor) {
    return entry(tensor).shape();
  }

  /**
   * The tensor as a view of the mapped file: never write to it, nor use it after {@link #close}.
   */
  @Override
  public Tensor tensor(String tensor) {
    SafeTensorsHeader.Entry entry = entry(tensor);
    long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
    DType dtype = dtype(tensor, entry.dtype());
    if (entry.end() == entry.begin()) {
      return Tensor.empty(dtype, shape);
    }
    return Tensor.view(
        file.bytes()
            .asSlice(file.header().dataOffset() + entry.begin(), entry.end() - entry.begin()),
        dtype,
        shape);
  }

  private SafeTensorsHeader.Entry entry(String tensor) {
    SafeTensorsHeader.Entry entry = file.header().entries().get(tensor);
    if (entry == null) {
      throw new IllegalArgumentException("no tensor " + tensor + " in " + file.name());
    }
    return entry;
  }

  private DType dtype(String tensor, String spelled) {
    return switch (spelled) {
      case "F32" -> DType.FLOAT32;
      case "BF16" -> DType.BFLOAT16;
      case "F16" -> DType.FLOAT16;
      case "F64" -> DType.FLOAT64;
      case "I64" -> DType.INT64;
      case "I32" -> DType.INT32;
      case "I8" -> DType.INT8;
      case "U8" -> DType.UINT8;
      case "BOOL" -> DType.BOOL;
      default ->
          throw new SlipwayException(
              Exit.INPUT,
              "weights.unsupported-type",
              tensor
                  + " in "
                  + file.name()
                  + " is of type "
                  + spelled
                  + ", expected F32, BF16, F16, F64, I64, I32, I8, U8 or BOOL",
              "convert the weights to BF16 or F32 first");
    };
  }

  @Override
  public void close() {
    file.close();
  }

  /**
   * Writes tensors by name, whole or not at all. The same values give the same bytes, in the order
   * of names that the reference implementation has.
   *
   * @param dtype what the values are stored as: FLOAT32, BFLOAT16 or FLOAT16
   */
  public static void write(Path path, Map<String, Tensor> tensors, DType dtype) {
    Map<String, ShardWriter.Stored> stored = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> stored.put(name, new ShardWriter.Stored(tensor, dtype)));
    write(path, stored);
  }

  /** As above, each in a type of its own. */
  static void write(Path path, Map<String, ShardWriter.Stored> tensors) {
    AtomicFiles.write(path, out -> writeTo(out, tensors));
  }

  private static void writeTo(OutputStream out, Map<String, ShardWriter.Stored> tensors)
      throws IOException {
    TreeMap<String, ShardWriter.Stored> ordered = new TreeMap<>(tensors);
    ObjectNode root = Json.object();
    root.putObject("__metadata__").put("format", "pt");
    long at = 0;
    for (Map.Entry<String, ShardWriter.Stored> named : ordered.entrySet()) {
      ObjectNode node = root.putObject(named.getKey());
      node.put("dtype", spelling(named.getValue().type()));
      for (long size : named.getValue().tensor().shape()) {
        node.withArray("shape").add(size);
      }
      node.withArray("shape");
      long end = at + named.getValue().bytes();
      node.putArray("data_offsets").add(at).add(end);
      at = end;
    }
    byte[] json = Json.bytes(root);
    int padded = (json.length + 7) / 8 * 8;
    out.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(padded).array());
    out.write(json);
    out.write(" ".repeat(padded - json.length).getBytes(StandardCharsets.US_ASCII));
    for (ShardWriter.Stored one : ordered.values()) {
      try (Scope _ = Scope.open()) {
        Tensor stored = one.tensor().detach().to(one.type()).contiguous();
        if (stored.numel() > 0) {
          copy(stored.segment(), out);
        }
      }
    }
  }

  private static String spelling(DType dtype) {
    return switch (dtype) {
      case FLOAT32 -> "F32";
      case BFLOAT16 -> "BF16";
      case FLOAT16 -> "F16";
      case FLOAT64 -> "F64";
      case INT64 -> "I64";
      case INT32 -> "I32";
      case INT8 -> "I8";
      case UINT8 -> "U8";
      case BOOL -> "BOOL";
      default -> throw new IllegalArgumentException("weights are not stored as " + dtype);
    };
  }

  private static void copy(MemorySegment from, OutputStream out) throws IOException {
    byte[] buffer = new byte[BUFFER];
    for (long at = 0; at < from.byteSize(); at += buffer.length) {
      int length = (int) Math.min(buffer.length, from.byteSize() - at);
      MemorySegment.copy(from, ValueLayout.JAVA_BYTE, at, buffer, 0, length);
      out.write(buffer, 0, length);
    }
  }
}
