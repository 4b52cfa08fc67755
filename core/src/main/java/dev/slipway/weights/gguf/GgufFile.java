package dev.slipway.weights.gguf;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Tensor;
import dev.slipway.weights.WeightSource;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * A GGUF file, memory-mapped. Tensors of F32, F16 and BF16 are views of it, those of other types
 * are dequantised to float32 as ggml's reference routines do. Problems are {@code weights.missing},
 * {@code weights.unreadable} and those of {@link GgufHeader}.
 *
 * @see <a href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md">The format</a>
 */
public final class GgufFile implements WeightSource {
  private final String name;
  private final Arena arena;
  private final MemorySegment file;
  private final GgufHeader header;

  private GgufFile(String name, Arena arena, MemorySegment file) {
    this.name = name;
    this.arena = arena;
    this.file = file;
    this.header = GgufHeader.parse(file, name);
  }

  /** Opens a file; each problem with its structure is found here. */
  @SuppressWarnings(
      "MustBeClosedChecker") // the arena lives as long as this object, which closes it
  public static GgufFile open(Path path) {
    if (!Files.isRegularFile(path)) {
      throw new SlipwayException(
          Exit.INPUT,
          "weights.missing",
          "there is no file " + path + ", expected a GGUF file",
          "check the path");
    }
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      MemorySegment file = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      return new GgufFile(path.toString(), arena, file);
    } catch (IOException e) {
      arena.close();
      throw new SlipwayException(
          Exit.INPUT,
          "weights.unreadable",
          path + " can't be read (" + e.getMessage() + "), expected a GGUF file",
          "check that you may read it",
          e);
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  /** What the file is called in an error. */
  public String name() {
    return name;
  }

  /**
   * Keys such as {@code general.architecture} to numbers, texts, truth values and lists of them.
   */
  public JsonNode metadata() {
    return header.metadata();
  }

  @Override
  public Set<String> names() {
    return header.entries().keySet();
  }

  @Override
  public List<Long> shape(String tensor) {
    return entry(tensor).shape();
  }

  public GgmlType type(String tensor) {
    return entry(tensor).type();
  }

  @Override
  public Tensor tensor(String tensor) {
    GgufHeader.Entry entry = entry(tensor);
    long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
    MemorySegment bytes = file.asSlice(entry.begin(), entry.bytes());
    return switch (entry.type()) {
      case F32 -> stored(bytes, DType.FLOAT32, shape);
      case F16 -> stored(bytes, DType.FLOAT16, shape);
      case BF16 -> stored(bytes, DType.BFLOAT16, shape);
      case Q4_0, Q8_0, Q4_K, Q6_K -> {
        Tensor values = Tensor.empty(DType.FLOAT32, shape);
        if (values.numel() > 0) {
          Dequantization.toFloats(entry.type(), bytes, values.segment());
        }
        yield values;
      }
    };
  }

  private static Tensor stored(MemorySegment bytes, DType type, long[] shape) {
    return bytes.byteSize() == 0 ? Tensor.empty(type, shape) : Tensor.view(bytes, type, shape);
  }

  private GgufHeader.Entry entry(String tensor) {
    GgufHeader.Entry entry = header.entries().get(tensor);
    if (entry == null) {
      throw new IllegalArgumentException("no tensor " + tensor + " in " + name);
    }
    return entry;
  }

  @Override
  public void close() {
    arena.close();
  }
}
