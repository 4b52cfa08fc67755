package dev.slipway.model;

import dev.slipway.nn.Segment;
import dev.slipway.nn.ShadowWeights;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Matmul;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tokenizer.TokenBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A {@link CausalNetwork} but for its head, forward and backward by libtorch's autograd; the head
 * and the loss are the caller's. Not for several threads.
 */
final class Trunk implements AutoCloseable {
  private final CausalNetwork network;
  private final DType computeType;
  private final @Nullable ShadowWeights shadow;
  private final boolean checkpointing;
  private final boolean wide;

  /** As {@link CausalAutograd}. */
  Trunk(
      CausalNetwork network,
      DType computeType,
      @Nullable ShadowWeights shadow,
      boolean checkpointing) {
    this.network = network;
    this.computeType = computeType;
    this.shadow = shadow;
    this.checkpointing = checkpointing;
    wide = Matmul.Float32ByOneDnn.pays(computeType, network.hiddenSize());
  }

  String name() {
    return "autograd "
        + (computeType == DType.BFLOAT16 ? "bf16" : computeType.name().toLowerCase(Locale.ROOT))
            .replace("float32", "fp32")
        + (checkpointing ? ", checkpointing" : "");
  }

  /** What follows the hidden states (B, T, C): their loss, and its gradient to them. */
  @FunctionalInterface
  interface End {
    LossAndGradient of(Tensor hidden);
  }

  /** The loss, and its scaled gradient with respect to the hidden states. */
  record LossAndGradient(double loss, Tensor gradient) {}

  /** Forward, the end, and backward: gradients are added to those of what learns. */
  double run(TokenBatch batch, End end) {
    try (Scope _ = Scope.open();
        Matmul.Float32ByOneDnn _ = Matmul.Float32ByOneDnn.open(wide)) {
      List<Segment> segments = network.segments(batch);
      Tensor ids = ids(batch);
      double loss = checkpointing ? recomputing(ids, segments, end) : direct(ids, segments, end);
      if (shadow != null) {
        shadow.collectGradients();
      }
      return loss;
    }
  }

  /** Forward alone; the hidden states (B, T, C) are there for as long as this is looked at. */
  void look(TokenBatch batch, Consumer<Tensor> end) {
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open();
        Matmul.Float32ByOneDnn _ = Matmul.Float32ByOneDnn.open(wide)) {
      end.accept(hidden(ids(batch), network.segments(batch)));
    }
  }

  private static double direct(Tensor ids, List<Segment> segments, End end) {
    Tensor hidden = hidden(ids, segments); // (B, T, C)
    LossAndGradient head = end.of(hidden);
    if (hidden.requiresGrad()) { // else only the head learns
      hidden.backward(head.gradient);
    }
    return head.loss;
  }

  private static Tensor hidden(Tensor ids, List<Segment> segments) {
    Tensor x = ids; // (B, T)
    for (Segment segment : segments) {
      try (Scope scope = Scope.open()) {
        x = scope.leave(segment.forward(x)); // (B, T, C)
      }
    }
    return x;
  }

  /** Keeps only what goes into each segment; runs it again when its gradient is due. */
  private static double recomputing(Tensor ids, List<Segment> segments, End end) {
    List<Tensor> inputs = new ArrayList<>();
    Tensor x = ids;
    try (NoGrad _ = NoGrad.open()) {
      for (Segment segment : segments) {
        inputs.add(x);
        try (Scope scope = Scope.open()) {
          x = scope.keep(segment.forward(x));
        }
      }
    }
    LossAndGradient head = end.of(x);
    x.close();
    Tensor gradient = head.gradient;
    for (int i = segments.size() - 1; i >= 0; i--) {
      try (Scope scope = Scope.open()) {
        Tensor input = i == 0 ? ids : inputs.get(i).detach().setRequiresGrad(true);
        Tensor output = segments.get(i).forward(input);
        if (output.requiresGrad()) { // a frozen embedding's does not
          output.backward(gradient);
        }
        gradient.close();
        if (i > 0) {
          gradient = scope.keep(Objects.requireNonNull(input.grad()));
          inputs.get(i).close();
        }
      }
    }
    return head.loss;
  }

  private static Tensor ids(TokenBatch batch) {
    return Tensor.of(batch.tokens(), batch.rows(), batch.columns()); // (B, T)
  }

  /** A copy in another precision is made anew. */
  void parametersChanged() {
    if (shadow != null) {
      shadow.refresh();
    }
  }

  @Override
  public void close() {
    if (shadow != null) {
      shadow.close();
    }
  }
}
