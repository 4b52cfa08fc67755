package dev.slipway.plan;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.model.decoder.DecoderConfig;
import dev.slipway.model.decoder.DecoderShape;
import dev.slipway.model.decoder.ScoringConfig;
import dev.slipway.nn.Nf4Projection;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.tensor.DType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What tuning a published decoder takes in memory: a sum over the buffers that {@code TunedDecoder}
 * keeps. Frozen parameters are there once and have neither gradients nor moments.
 */
public final class TuneMemory {
  /**
   * JVM, libtorch and the tokenizer before a model is opened, and a few texts: what nine whole runs
   * of small models took beside the rest.
   */
  private static final long BASE = 530L << 20;

  /** Logits that exist at once, in values. */
  private static final long LOGITS = 8L << 20;

  /**
   * Times that the largest matrix which learns is there beside itself and its gradient, in float32:
   * what autograd gives for it from the head and from the embedding, and what oneDNN lays out anew.
   * Measured by {@code bench/memory.sh}.
   */
  private static final int COPIES = 4;

  private static final int COPIES_IN_BFLOAT16 = 7;

  private TuneMemory() {}

  /**
   * A training step.
   *
   * @param trained the parameters that learn
   * @param computeType of matrix products
   * @param batch sequences of a step
   * @param accumulate parts that they are computed in
   * @param context tokens of a sequence
   * @param checkpointing whether activations are computed again in the backward pass
   * @param kernels whether low-rank matrices are learnt by kernels, which keep less than autograd
   * @param quantized whether frozen projections are kept in NF4
   */
  public record Shape(
      DecoderConfig config,
      List<ParameterSpec> trained,
      DType computeType,
      int batch,
      int accumulate,
      int context,
      boolean checkpointing,
      boolean kernels,
      boolean quantized) {
    public Shape {
      trained = List.copyOf(trained);
    }

    /** Sequences at once. */
    public int rows() {
      return batch / accumulate;
    }

    /** Parameters that learn. */
    public long trainedCount() {
      return trained.stream().mapToLong(ParameterSpec::numel).sum();
    }

    /** All parameters, with what tuning adds. */
    public long allCount() {
      return config.parameterCount() + trainedCount() - ownCount();
    }

    /** Of the model's own parameters those that learn. */
    long ownCount() {
      List<String> own = config.parameters().stream().map(ParameterSpec::name).toList();
      return trained.stream()
          .filter(spec -> own.contains(spec.name()))
          .mapToLong(ParameterSpec::numel)
          .sum();
    }

    Shape withAccumulate(int accumulate) {
      return new Shape(
          config,
          trained,
          computeType,
          batch,
          accumulate,
          context,
          checkpointing,
          kernels,
          quantized);
    }

    Shape withCheckpointing() {
      return new Shape(
          config, trained, computeType, batch, accumulate, context, true, kernels, quantized);
    }
  }

  /** Bytes of a folder's weights on the disk. */
  public static long fileBytes(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".safetensors"))
          .mapToLong(file -> file.toFile().length())
          .sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * @param fileBytes of the model's weights on the disk, which are mapped
   */
  public static MemoryForecast forecast(Shape shape, long fileBytes) {
    long trained = shape.trainedCount();
    long frozen = shape.config().parameterCount() - shape.ownCount();
    long width = shape.computeType().bytes();
    boolean asStored = fileBytes / Math.max(1, shape.config().parameterCount()) == width;
    // Frozen weights are the mapped file, or a copy beside the pages that it was made from.
    long kept = asStored ? frozen * width : frozen * width + fileBytes;
    long read = frozen == 0 ? fileBytes : asStored ? fileBytes - frozen * width : 0;
    if (shape.quantized()) {
      // The file is read once, and its pages stay for as long as nobody else needs them.
      kept = quantized(shape) + fileBytes + (asStored ? 0 : width * whole(shape));
      read = 0;
    }
    long tokens = (long) shape.rows() * shape.context();
    boolean scores = shape.config() instanceof ScoringConfig;
    long logits = scores ? 0 : Math.min(LOGITS, tokens * shape.config().shape().vocabularySize());
    long activations = (shape.kernels() ? kept(shape) : activations(shape)) + learning(shape);
    long head = (shape.kernels() ? 2 * width : 3 * 4) * logits;
    long data = 36 * tokens;
    long checkpoint = 16 * trained;
    // Judged beside what it was: the same file once more, in the type of the products.
    long before = fileBytes + (asStored ? 0 : width * shape.config().parameterCount());
    long free = // what is over by then; kernels keep their memory for as long as their model lives
        shape.kernels() ? 0 : activations + head + data + checkpoint;
    return new MemoryForecast(
        4 * trained + kept + Math.max(0, read),
        4 * trained,
        8 * trained,
        width == 4 ? 0 : width * trained,
        activations,
        head,
        data,
        checkpoint,
        scores ? 0 : Math.max(0, before + 3 * 4 * logits - free),
        BASE);
  }

  /** What autograd makes of the model's own matrices that learn, while it goes backward. */
  private static long learning(Shape shape) {
    List<String> own = shape.config().parameters().stream().map(ParameterSpec::name).toList();
    long largest =
        shape.trained().stream()
            .filter(spec -> own.contains(spec.name()))
            .mapToLong(ParameterSpec::numel)
            .max()
            .orElse(0);
    long width = shape.computeType().bytes();
    boolean whole = width == 4;
    // Gradients of the copy in the type of products are there until they are added to the others.
    return 4 * largest * (whole ? COPIES : COPIES_IN_BFLOAT16)
        + (whole ? 0 : width * shape.ownCount());
  }

  private static boolean isQuantized(ParameterSpec spec) {
    return spec.role() == ParameterSpec.Role.MATRIX && !spec.name().startsWith("lm_head.");
  }

  /** Frozen projections in NF4, and the room in which the largest is made whole. */
  private static long quantized(Shape shape) {
    long bytes = 0;
    long largest = 0;
    for (ParameterSpec spec : shape.config().parameters()) {
      if (isQuantized(spec)) {
        bytes += Nf4Projection.bytes(spec.numel());
        largest = Math.max(largest, spec.numel());
      }
    }
    return bytes + largest * shape.computeType().bytes();
  }

  /** Values that are not quantized. */
  private static long whole(Shape shape) {
    return shape.config().parameters().stream()
        .filter(spec -> !isQuantized(spec))
        .mapToLong(ParameterSpec::numel)
        .sum();
  }

  private static long activations(Shape shape) {
    DecoderShape decoder = shape.config().shape();
    long tokens = (long) shape.rows() * shape.context();
    long width = shape.computeType().bytes();
    long hidden = decoder.hiddenSize();
    long inner = inner(shape.config());
    long attention = decoder.queryWidth() + 2 * decoder.keyWidth();
    long scores = width == 4 ? 0 : 3L * decoder.heads() * shape.context();
    long kept = tokens * (hidden * (4 + 2 * width) + width * (3 * attention + 4 * inner + scores));
    long stream = 4 * tokens * hidden;
    return shape.checkpointing()
        ? 2 * kept + decoder.layers() * stream
        : kept * (decoder.layers() + 1L) + 2 * stream;
  }

  /**
   * What kernels keep: to the byte, but for what the allocator rounds. A second memory, of one
   * block, is that of the validation.
   */
  private static long kept(Shape shape) {
    DecoderShape decoder = shape.config().shape();
    long tokens = (long) shape.rows() * shape.context();
    long width = shape.computeType().bytes();
    long hidden = decoder.hiddenSize();
    long inner = inner(shape.config());
    long queries = decoder.queryWidth();
    long joint = queries + 2 * decoder.keyWidth();
    long scores = width * shape.rows() * decoder.heads() * scores(shape.context());
    long ranks =
        shape.trained().stream()
                .filter(spec -> spec.name().endsWith(".lora_A.weight"))
                .mapToLong(spec -> spec.shape().getFirst())
                .sum()
            / decoder.layers();
    long stream = 4 * tokens * hidden;
    long block =
        2 * stream
            + tokens * (16 + width * (2 * hidden + queries + joint + 3 * inner + ranks))
            + scores;
    long once = 2 * stream + tokens * width * (3 * hidden + 2 * queries + joint);
    long backward = tokens * width * (hidden + joint + inner) + scores;
    long blocks =
        shape.checkpointing() ? block + (decoder.layers() - 1L) * stream : decoder.layers() * block;
    return blocks + once + backward + block + once;
  }

  /** Products of queries and keys that a head keeps, as {@code kernel.Attention} cuts them. */
  private static long scores(int context) {
    int block = context <= 128 ? context : context <= 512 ? 128 : 256;
    long scores = 0;
    for (int from = 0; from < context; from += block) {
      int to = Math.min(context, from + block);
      scores += (long) (to - from) * to;
    }
    return scores;
  }

  /** F of the blocks, from the widest matrix that is neither the embedding nor the head. */
  private static long inner(DecoderConfig config) {
    return config.parameters().stream()
        .filter(spec -> spec.role() == ParameterSpec.Role.MATRIX)
        .mapToLong(spec -> Math.max(spec.shape().getFirst(), spec.shape().getLast()))
        .max()
        .orElse(config.shape().hiddenSize());
  }

  /**
   * A shape that takes less: more micro-batches, which learn the same, then activations computed
   * again.
   *
   * @param accumulate whether the number of parts may be changed
   * @param checkpointing whether checkpointing may be
   */
  public static Optional<Shape> remedy(
      Shape shape, boolean accumulate, boolean checkpointing, long fileBytes, long limit) {
    Optional<Shape> parts =
        accumulate ? withMoreParts(shape, fileBytes, limit) : Optional.<Shape>empty();
    if (parts.isPresent() || !checkpointing || shape.checkpointing()) {
      return parts;
    }
    Shape again = shape.withCheckpointing();
    if (forecast(again, fileBytes).total() <= limit) {
      return Optional.of(again);
    }
    return accumulate ? withMoreParts(again, fileBytes, limit) : Optional.empty();
  }

  private static Optional<Shape> withMoreParts(Shape shape, long fileBytes, long limit) {
    for (int parts = shape.accumulate() + 1; parts <= shape.batch(); parts++) {
      if (shape.batch() % parts == 0) {
        Shape smaller = shape.withAccumulate(parts);
        if (forecast(smaller, fileBytes).total() <= limit) {
          return Optional.of(smaller);
        }
      }
    }
    return Optional.empty();
  }

  /** The clause that says what to change when memory ran out though it should have fitted. */
  public static String advice(Shape shape, long fileBytes) {
    long limit = forecast(shape, fileBytes).total() * 9 / 10;
    return remedy(shape, true, true, fileBytes, limit)
        .map(TuneMemory::settings)
        .orElse("take a smaller model, or tune: lora, which learns fewer parameters");
  }

  private static String settings(Shape shape) {
    String parts = "set train.accumulate to " + shape.accumulate();
    return shape.checkpointing() ? parts + " and train.activation-checkpointing to true" : parts;
  }

  /** What is said of a run that does not fit. */
  public static SlipwayException tooLarge(Shape shape, long fileBytes, long limit) {
    return new SlipwayException(
        Exit.RESOURCE,
        "plan.tune-memory",
        String.format(
            Locale.ROOT,
            "tuning %,d of %,d parameters would take %.1f GB of memory, expected at most the %.1f GB that there are",
            shape.trainedCount(),
            shape.allCount(),
            forecast(shape, fileBytes).total() / 1e9,
            limit / 1e9),
        remedy(shape, true, true, fileBytes, limit)
            .map(TuneMemory::settings)
            .orElse(
                "take a smaller model or model.pretrained.context, or tune: lora, which learns fewer parameters"));
  }
}
