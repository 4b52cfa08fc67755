package dev.slipway.tensor.kernel.layer;

import dev.slipway.tensor.CustomGradient;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Matmul;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Tensor;
import dev.slipway.tensor.kernel.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * One layer and direction of an LSTM on {@link Lstm}'s kernels, as a part of autograd's graph. The
 * inputs' products, and the weights' gradients, are one matrix product each over all time steps.
 *
 * @param inputWeight (4H, I), a leaf with a gradient where it is learnt
 * @param hiddenWeight (4H, H)
 * @param inputBias (4H)
 * @param hiddenBias (4H), added to the other as PyTorch has it; or null
 */
public record LstmLayer(
    Tensor inputWeight, Tensor hiddenWeight, Tensor inputBias, @Nullable Tensor hiddenBias) {

  /** From more units on, a step's product is worth a library's call of its own. */
  private static final int MOST_UNITS = 256;

  /** Whether a layer of so many units is faster so, and there is room for it in a graph. */
  public static boolean covers(long hidden) {
    return hidden <= MOST_UNITS && Lstm.covers((int) hidden) && CustomGradient.available();
  }

  /**
   * @param x (B, T, I) float32
   * @param lengths of the rows, or null
   * @param reverse whether time runs backwards
   * @param sequence whether all states are wanted, (B, T, H), else the last, (B, H)
   */
  public Tensor forward(Tensor x, int @Nullable [] lengths, boolean reverse, boolean sequence) {
    int rows = (int) x.size(0);
    int steps = (int) x.size(1);
    int hidden = (int) hiddenWeight.size(1);
    int inputs = (int) x.size(2);
    boolean learns = CustomGradient.recording() && (x.requiresGrad() || inputWeight.requiresGrad());
    Lstm kernel = new Lstm(rows, steps, hidden, lengths, reverse);
    Tensor flat;
    Tensor gates;
    Tensor states;
    Tensor cells;
    Tensor all;
    Tensor last;
    try (NoGrad _ = NoGrad.open();
        Matmul.Float32ByOneDnn _ = Matmul.Float32ByOneDnn.open()) {
      flat = x.detach().contiguous().view((long) rows * steps, inputs); // (BT, I)
      gates = Tensor.empty(DType.FLOAT32, (long) rows * steps, 4L * hidden); // (BT, 4H)
      states = Tensor.empty(DType.FLOAT32, (long) rows * steps, hidden); // (BT, H)
      cells = Tensor.empty(DType.FLOAT32, (long) rows * steps, hidden); // (BT, H)
      all = Tensor.empty(DType.FLOAT32, sequence ? new long[] {rows, steps, hidden} : new long[1]);
      last = Tensor.empty(DType.FLOAT32, rows, hidden); // (B, H)
      Matmul.mm(gates, flat, inputWeight.detach().transpose(0, 1));
      kernel.forward(
          Buffer.of(gates),
          Buffer.of(hiddenWeight.detach().transpose(0, 1).contiguous()),
          Buffer.of(hiddenBias == null ? inputBias : inputBias.add(hiddenBias)),
          Buffer.of(states),
          Buffer.of(cells),
          sequence ? Buffer.of(all) : null,
          Buffer.of(last));
    }
    Tensor output = sequence ? all : last;
    return learns
        ? CustomGradient.join(
            x,
            output,
            gradient ->
                backward(kernel, x, flat, gates, states, cells, gradient.contiguous(), sequence))
        : output;
  }

  private @Nullable Tensor backward(
      Lstm kernel,
      Tensor x,
      Tensor flat,
      Tensor gates,
      Tensor states,
      Tensor cells,
      Tensor gradient,
      boolean sequence) {
    try (NoGrad _ = NoGrad.open();
        Matmul.Float32ByOneDnn _ = Matmul.Float32ByOneDnn.open()) {
      Tensor dBias = Tensor.zeros(DType.FLOAT32, gates.size(1)); // (4H)
      Buffer given = Buffer.of(gradient);
      kernel.backward(
          Buffer.of(gates),
          Buffer.of(hiddenWeight.detach().contiguous()),
          Buffer.of(dBias),
          Buffer.of(cells),
          sequence ? given : null,
          sequence ? null : given);
      if (inputWeight.requiresGrad()) {
        Tensor transposed = gates.transpose(0, 1); // (4H, BT)
        Matmul.addmm(CustomGradient.gradient(inputWeight), transposed, flat);
        Matmul.addmm(CustomGradient.gradient(hiddenWeight), transposed, states);
        CustomGradient.gradient(inputBias).addInPlace(dBias, 1);
        if (hiddenBias != null) {
          CustomGradient.gradient(hiddenBias).addInPlace(dBias, 1);
        }
      }
      if (!x.requiresGrad()) {
        return null;
      }
      Tensor dx = Tensor.empty(DType.FLOAT32, flat.shape()); // (BT, I)
      Matmul.mm(dx, gates, inputWeight.detach());
      return dx.view(x.shape());
    }
  }
}
