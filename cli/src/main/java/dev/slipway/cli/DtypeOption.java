package dev.slipway.cli;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.tensor.DType;
import picocli.CommandLine.Option;

/** The type in which a model's matrix products are computed, by PyTorch's names. */
final class DtypeOption {
  @Option(
      names = "--dtype",
      defaultValue = "float32",
      paramLabel = "TYPE",
      description =
          "Of weights and matrix products: float32 or bfloat16, which takes half the memory and is faster"
              + " where `slipway doctor` says so (default: ${DEFAULT-VALUE}).")
  private String name = "float32";

  DType type() {
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
