package dev.slipway.infer.batch;

import dev.slipway.base.Exit;
import dev.slipway.base.MemoryLimit;
import dev.slipway.base.SlipwayException;
import dev.slipway.infer.GenerationRequest;
import dev.slipway.infer.LanguageModel;
import dev.slipway.infer.OngoingGeneration;
import dev.slipway.infer.SamplingRoom;
import dev.slipway.model.ModelFiles;
import dev.slipway.model.decoder.DecoderNetwork;
import dev.slipway.model.decoder.DecoderShape;
import dev.slipway.model.gpt.SpecialIds;
import dev.slipway.model.pretrained.ModelFolder;
import dev.slipway.model.pretrained.PretrainedDecoder;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Engine;
import dev.slipway.tensor.kernel.infer.PagedAttention;
import dev.slipway.tensor.kernel.infer.WeightFormat;
import dev.slipway.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * A model with its tokenizer that continues many prompts at once. The tokenizer is for any thread;
 * all else belongs to the one thread that opened it.
 */
public final class BatchedModel implements AutoCloseable {
  private final Tokenizer tokenizer;
  private final SpecialIds ids;
  private final Batcher batcher;
  private final SamplingRoom samplingRoom = new SamplingRoom();

  /**
   * @param batcher is closed with this
   */
  public BatchedModel(Tokenizer tokenizer, SpecialIds ids, Batcher batcher) {
    this.tokenizer = tokenizer;
    this.ids = ids;
    this.batcher = batcher;
  }

  /** How weights are kept, beside the type of products. */
  public enum Quantize {
    NONE,
    /** Bytes with a scale for each output. */
    INT8,
    /** Half bytes with a scale for each 64 of an output's; the head in bytes. */
    INT4
  }

  /** How keys and values are kept. */
  public enum CacheType {
    /** In the type of products. */
    AUTO,
    BFLOAT16,
    /** Bytes with a scale for each key and each value of a head. */
    INT8
  }

  /**
   * How a model answers many at once.
   *
   * @param computeType of matrix products, FLOAT32 or BFLOAT16
   * @param cacheTokens tokens whose keys and values have room, of all sequences together; 0 takes
   *     enough for {@value #SEQUENCES} sequences, within a quarter of the memory
   * @param quantize other than NONE only where {@link KernelNetwork} covers the model
   * @param cacheType other than AUTO only where {@link KernelNetwork} covers the model
   */
  public record Options(
      DType computeType,
      long cacheTokens,
      Batcher.Settings batching,
      Quantize quantize,
      CacheType cacheType) {
    public Options {
      if (cacheTokens < 0) {
        throw new SlipwayException(
            Exit.USAGE,
            "serve.option",
            "the cache has room for " + cacheTokens + " tokens, expected 0 (chosen) or more",
            "give another value");
      }
    }

    public Options(DType computeType, long cacheTokens, Batcher.Settings batching) {
      this(computeType, cacheTokens, batching, Quantize.NONE, CacheType.AUTO);
    }

    public Options withBatching(Batcher.Settings value) {
      return new Options(computeType, cacheTokens, value, quantize, cacheType);
    }

    public Options withCacheTokens(long value) {
      return new Options(computeType, value, batching, quantize, cacheType);
    }

    DType keysAndValues() {
      return switch (cacheType) {
        case AUTO -> computeType;
        case BFLOAT16 -> DType.BFLOAT16;
        case INT8 -> DType.INT8;
      };
    }
  }

  /** Sequences of up to {@value #USUAL} tokens that the cache has room for, unless told. */
  private static final int SEQUENCES = 32;

  private static final int USUAL = 2048;

  /** Opens a model folder in Hugging Face layout, or a GGUF file. */
  public static BatchedModel open(Path folder, Options options) {
    return open(ModelFolder.at(folder), options);
  }

  /** As above. */
  public static BatchedModel open(ModelFiles files, Options options) {
    return open(files, files.tokenizer(), options);
  }

  /**
   * As above.
   *
   * @param tokenizer the model's own, where it was read already
   */
  public static BatchedModel open(ModelFiles files, Tokenizer tokenizer, Options options) {
    LanguageModel.requireFitting(tokenizer, files, Path.of(files.name()));
    PretrainedDecoder opened = PretrainedDecoder.open(files, options.computeType());
    return of(tokenizer, opened.ids(), opened.network(), options, opened::close);
  }

  /**
   * A network that was opened already, such as one with an adapter around it.
   *
   * @param options whose compute type is the network's
   * @param closing frees the network: when this is closed, sooner where it is not needed, and also
   *     where this fails
   */
  public static BatchedModel of(
      Tokenizer tokenizer,
      SpecialIds ids,
      DecoderNetwork network,
      Options options,
      Runnable closing) {
    return new BatchedModel(
        tokenizer, ids, new Batcher(network(network, options, closing), options.batching()));
  }

  /**
   * A network to answer with, by kernels where they cover it.
   *
   * @param network whose compute type is the options'
   * @param closing as in {@link #of}
   */
  public static BatchNetwork network(DecoderNetwork network, Options options, Runnable closing) {
    KernelNetwork packed = null;
    try {
      int blocks = blocks(network.shape(), options.keysAndValues(), options.cacheTokens());
      if (KernelNetwork.covers(network)) {
        DType type = options.keysAndValues();
        packed = new KernelNetwork(network, format(options), type, blocks);
      } else if (options.quantize() == Quantize.NONE && options.cacheType() == CacheType.AUTO) {
        return new SteppedNetwork(network, blocks, closing);
      }
    } catch (RuntimeException | Error e) {
      closing.run();
      throw e;
    }
    try {
      closing.run(); // where weights are packed they are not needed a second time
    } catch (RuntimeException e) {
      if (packed != null) {
        packed.close(); // of a file that was cut off meanwhile
      }
      throw e;
    }
    if (packed != null) {
      return packed;
    }
    if (options.quantize() == Quantize.NONE) {
      throw new SlipwayException(
          Exit.USAGE,
          "model.cache-dtype",
          "the model has parts whose keys and values are kept in the type of its products alone, expected Llama's"
              + " form without an adapter around it",
          "leave --kv-cache-dtype out");
    }
    throw new SlipwayException(
        Exit.USAGE,
        "model.quantize",
        "the model has parts that are not computed with quantized weights, expected Llama's form"
            + " without an adapter",
        "leave --quantize out");
  }

  private static WeightFormat format(Options options) {
    return switch (options.quantize()) {
      case NONE ->
          options.computeType() == DType.FLOAT32 ? WeightFormat.FLOAT32 : WeightFormat.BFLOAT16;
      case INT8 -> WeightFormat.INT8;
      case INT4 -> WeightFormat.INT4;
    };
  }

  private static int blocks(DecoderShape shape, DType type, long cacheTokens) {
    long block = PagedAttention.blockBytes(shape.keyValueHeads(), shape.headDim(), type);
    long perToken = Math.max(1, shape.layers() * block / PagedAttention.BLOCK);
    MemoryLimit memory = MemoryLimit.whole();
    if (cacheTokens > memory.bytes() / perToken) {
      throw new SlipwayException(
          Exit.RESOURCE,
          "memory.cache",
          String.format(
              Locale.ROOT,
              "keys and values of %d tokens take %.1f GiB, and there are %.1f (%s)",
              cacheTokens,
              cacheTokens * (double) perToken / (1L << 30),
              memory.bytes() / (double) (1L << 30),
              memory.source()),
          "have fewer kept, or in --kv-cache-dtype int8");
    }
    long tokens = cacheTokens;
    if (tokens == 0) {
      long most = memory.bytes() / 4 / perToken;
      tokens = Math.min(most, (long) SEQUENCES * Math.min(shape.context(), USUAL));
      tokens = Math.max(tokens, Math.min(most, shape.context()));
    }
    return Math.clamp((tokens + BatchNetwork.BLOCK - 1) / BatchNetwork.BLOCK, 1, Integer.MAX_VALUE);
  }

  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /** The longest sequence, prompt and answer together. */
  public int context() {
    return batcher.context();
  }

  public Batcher batcher() {
    return batcher;
  }

  /**
   * Takes a prompt into the work.
   *
   * @throws dev.slipway.base.SlipwayException {@code generate.empty-prompt}, {@code
   *     generate.bad-id} or {@code generate.prompt-too-long}
   */
  public void begin(GenerationRequest request, BatchListener listener) {
    begin(request, listener, "");
  }

  /** As above, with an adapter of the batcher's; "" for none. */
  public void begin(GenerationRequest request, BatchListener listener, String adapter) {
    List<Integer> prompt = LanguageModel.promptIds(tokenizer, request.prompt());
    int known = Math.min(batcher.network().vocabularySize(), tokenizer.vocabularySize());
    LanguageModel.check(prompt, known, context());
    batcher.begin(
        new OngoingGeneration(
            tokenizer,
            request,
            prompt,
            request.eosIds() == null ? ids.eos() : request.eosIds(),
            context(),
            listener,
            () -> false,
            samplingRoom),
        listener,
        adapter);
  }

  /**
   * Loads an adapter that generations may name.
   *
   * @param id never used before
   * @throws SlipwayException {@code adapter.not-batchable} where the model or the adapter has parts
   *     that the kernels do not know
   */
  public void addAdapter(String id, AdapterMatrices adapter) {
    if (!batcher.network().takesAdapters()) {
      throw new SlipwayException(
          Exit.INPUT,
          "adapter.not-batchable",
          "the model is not of Llama's form, expected that of a model which adapters are answered"
              + " beside",
          "put it into a copy of the model with `slipway merge`, and serve that");
    }
    batcher.addAdapter(id, adapter.matrices());
  }

  /** Computes on; the listeners hear what came. */
  public void step() {
    batcher.step();
  }

  @Override
  public void close() {
    batcher.close();
    Engine.releaseFreed();
  }
}
