package dev.slipway.weights.gguf;

import dev.slipway.tensor.DType;
import dev.slipway.tensor.Tensor;
import dev.slipway.weights.MappedFile;
import dev.slipway.weights.Residence;
import dev.slipway.weights.WeightSource;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
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
  private final MappedFile<GgufHeader> file;

  private GgufFile(MappedFile<GgufHeader> file) {
    this.file = file;
  }

  /** Opens a file to read it once and close it; each problem with its structure is found here. */
  public static GgufFile open(Path path) {
    return open(path, Residence.MAPPED_ONCE);
  }

  /** As above, with its bytes where they are wanted. */
  public static GgufFile open(Path path, Residence residence) {
    return new GgufFile(MappedFile.open(path, residence, "a GGUF file", GgufHeader::parse));
  }

  /** What the file is called in an error. */
  public String name() {
    return file.name();
  }

  /**
   * Keys such as {@code general.architecture} to numbers, texts, truth values and lists of them.
   */
  public JsonNode metadata() {
    return file.header().metadata();
  }

  @Override
  public Set<String> names() {
    return file.header().entries().keySet();
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
    return tensor(entry.type(), entry.shape(), entry.begin(), entry.bytes());
  }

  /** Of a tensor (N, …) the part at one place of its first dimension: (…). */
  public Tensor part(String tensor, long at) {
    GgufHeader.Entry entry = entry(tensor);
    long parts = entry.shape().getFirst();
    long bytes = entry.bytes() / parts;
    return tensor(
        entry.type(),
        entry.shape().subList(1, entry.shape().size()),
        entry.begin() + at * bytes,
        bytes);
  }

  private Tensor tensor(GgmlType type, List<Long> sizes, long begin, long length) {
    long[] shape = sizes.stream().mapToLong(Long::longValue).toArray();
    MemorySegment bytes = file.bytes().asSlice(begin, length);
    return switch (type) {
      case F32 -> stored(bytes, DType.FLOAT32, shape);
      case F16 -> stored(bytes, DType.FLOAT16, shape);
      case BF16 -> stored(bytes, DType.BFLOAT16, shape);
      case Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K, Q6_K -> {
        Tensor values = Tensor.empty(DType.FLOAT32, shape);
        if (values.numel() > 0) {
          Dequantization.toFloats(type, bytes, values.segment());
        }
        yield values;
      }
    };
  }

  private static Tensor stored(MemorySegment bytes, DType type, long[] shape) {
    return bytes.byteSize() == 0 ? Tensor.empty(type, shape) : Tensor.view(bytes, type, shape);
  }

  private GgufHeader.Entry entry(String tensor) {
    GgufHeader.Entry entry = file.header().entries().get(tensor);
    if (entry == null) {
      throw new IllegalArgumentException("no tensor " + tensor + " in " + file.name());
    }
    return entry;
  }

  @Override
  public void close() {
    file.close();
  }
}
