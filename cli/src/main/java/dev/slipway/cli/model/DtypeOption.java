package dev.slipway.cli.model;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.infer.batch.BatchedModel;
import dev.slipway.infer.batch.Batcher;
import dev.slipway.tensor.DType;
import picocli.CommandLine.Option;

/** The types in which a model's weights are kept and its products computed, by PyTorch's names. */
public final class DtypeOption {
  @Option(
      names = "--dtype",
      defaultValue = "float32",
      paramLabel = "TYPE",
      description =
          "Of weights and matrix products: float32 or bfloat16, which takes half the memory and is faster"
              + " where `slipway doctor` says so (default: ${DEFAULT-VALUE}).")
  private String name = "float32";

  @Option(
      names = "--quantize",
      defaultValue = "none",
      paramLabel = "TYPE",
      description =
          "Keep weights in int8 (a scale for each output) or int4 (one for each 64 of them): less memory, and faster"
              + " where memory is what holds an answer up (default: ${DEFAULT-VALUE}).")
  private String quantize = "none";

  @Option(
      names = "--kv-cache-dtype",
      defaultValue = "auto",
      paramLabel = "TYPE",
      description =
          "Keep what is remembered of texts, keys and values, in bfloat16 or int8 (a scale for each token and head), which"
              + " has room for about twice as many tokens; auto is the type of --dtype (default: ${DEFAULT-VALUE}).")
  private String cache = "auto";

  /** In float32 as it is. */
  public boolean isPlain() {
    return type() == DType.FLOAT32 && isWhole();
  }

  /** Nothing is quantized. */
  public boolean isWhole() {
    return quantize() == BatchedModel.Quantize.NONE && cacheType() == BatchedModel.CacheType.AUTO;
  }

  /** What a batched model is opened with. */
  public BatchedModel.Options engine() {
    return new BatchedModel.Options(type(), 0, Batcher.Settings.DEFAULT, quantize(), cacheType());
  }

  private BatchedModel.CacheType cacheType() {
    return switch (cache) {
      case "auto" -> BatchedModel.CacheType.AUTO;
      case "bfloat16", "bf16" -> BatchedModel.CacheType.BFLOAT16;
      case "int8" -> BatchedModel.CacheType.INT8;
      default ->
          throw new SlipwayException(
              Exit.USAGE,
              "model.cache-dtype",
              "--kv-cache-dtype is \"" + cache + "\", expected auto, bfloat16 or int8",
              "choose one of them");
    };
  }

  private BatchedModel.Quantize quantize() {
    return switch (quantize) {
      case "none" -> BatchedModel.Quantize.NONE;
      case "int8" -> BatchedModel.Quantize.INT8;
      case "int4" -> BatchedModel.Quantize.INT4;
      default ->
          throw new SlipwayException(
              Exit.USAGE,
              "model.quantize",
              "--quantize is \"" + quantize + "\", expected none, int8 or int4",
              "choose one of them");
    };
  }

  /** Of weights and products. */
  public DType type() {
    return switch (name) {
      case "float32", "fp32" -> DType.FLOAT32;
      case "bfloat16", "bf16" -> DType.BFLOAT16;
      default ->
          throw new SlipwayException(
              Exit.USAGE,
              "model.dtype",
              "--dtype is \"" + name + "\", expected float32 or bfloat16",
              "choose one of them");
    };
  }
}
