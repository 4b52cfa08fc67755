package dev.slipway.tensor;

import java.util.List;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * One layer and direction of a recurrent network over (B, T, in), from a state of zeros. Weights
 * are PyTorch's: input-hidden (G H, in), hidden-hidden (G H, H) and a bias (G H) each, with G the
 * number of gates.
 */
public final class Recurrent {
  private Recurrent() {}

  /** Gates in the order input, forget, cell, output; gives the hidden states (B, T, H). */
  public static Tensor lstm(Tensor x, List<Tensor> weights) {
    Tensor zeros = state(x, weights);
    T_TensorTensorTensor_T result =
        torch.lstm(
            x.handle,
            new TensorVector(zeros.handle, zeros.handle),
            vector(weights),
            true,
            1,
            0,
            true,
            false,
            true);
    return new Tensor(result.get0());
  }

  /** Gates in the order reset, update, new; gives the hidden states (B, T, H). */
  public static Tensor gru(Tensor x, List<Tensor> weights) {
    T_TensorTensor_T result =
        torch.gru(
            x.handle, state(x, weights).handle, vector(weights), true, 1, 0, true, false, true);
    return new Tensor(result.get0());
  }

  /** {@code h = tanh(W x + b + U h + c)}; gives the hidden states (B, T, H). */
  public static Tensor rnnTanh(Tensor x, List<Tensor> weights) {
    T_TensorTensor_T result =
        torch.rnn_tanh(
            x.handle, state(x, weights).handle, vector(weights), true, 1, 0, true, false, true);
    return new Tensor(result.get0());
  }

  private static Tensor state(Tensor x, List<Tensor> weights) {
    return Tensor.zeros(x.dtype(), 1, x.size(0), weights.get(1).size(1));
  }

  private static TensorVector vector(List<Tensor> tensors) {
    return new TensorVector(
        tensors.stream().map(t -> t.handle).toArray(org.bytedeco.pytorch.Tensor[]::new));
  }
}
