package dev.slipway.tensor;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * An n-dimensional array on a device, with gradients: libtorch's tensor under PyTorch's names.
 *
 * <p>What PyTorch ends in an underscore ends in {@code InPlace} here and changes this tensor; all
 * others make a new one or a view. What PyTorch has in {@code torch.nn.functional} and takes
 * weights or several tensors is in {@link Functional}. A failure inside libtorch arrives as {@link
 * RuntimeException} with libtorch's text.
 */
public final class Tensor implements AutoCloseable {
  final org.bytedeco.pytorch.Tensor handle;

  Tensor(org.bytedeco.pytorch.Tensor handle) {
    this.handle = handle;
  }

  // ---- making ----

  public static Tensor zeros(DType dtype, Device device, long... shape) {
    Engine.load();
    try {
      return new Tensor(torch.zeros(shape, options(dtype, device)));
    } catch (RuntimeException e) {
      throw TensorOutOfMemory.or(e);
    }
  }

  public static Tensor zeros(DType dtype, long... shape) {
    return zeros(dtype, Device.CPU, shape);
  }

  /** Uninitialised memory. */
  public static Tensor empty(DType dtype, long... shape) {
    Engine.load();
    try {
      return new Tensor(
          torch.empty(
              shape, options(dtype, Device.CPU), new org.bytedeco.pytorch.MemoryFormatOptional()));
    } catch (RuntimeException e) {
      throw TensorOutOfMemory.or(e);
    }
  }

  public static Tensor full(double value, DType dtype, long... shape) {
    return empty(dtype, shape).fillInPlace(value);
  }

  /** The integers {@code 0 … end - 1}. */
  public static Tensor arange(long end, DType dtype) {
    Engine.load();
    return new Tensor(torch.arange(new Scalar(end), options(dtype, Device.CPU)));
  }

  public static Tensor of(float[] values, long... shape) {
    Tensor result = empty(DType.FLOAT32, shapeOf(shape, values.length));
    new FloatPointer(result.handle.data_ptr()).put(values);
    return result;
  }

  public static Tensor of(double[] values, long... shape) {
    Tensor result = empty(DType.FLOAT64, shapeOf(shape, values.length));
    new DoublePointer(result.handle.data_ptr()).put(values);
    return result;
  }

  public static Tensor of(long[] values, long... shape) {
    Tensor result = empty(DType.INT64, shapeOf(shape, values.length));
    new LongPointer(result.handle.data_ptr()).put(values);
    return result;
  }

  public static Tensor of(int[] values, long... shape) {
    Tensor result = empty(DType.INT32, shapeOf(shape, values.length));
    new IntPointer(result.handle.data_ptr()).put(values);
    return result;
  }

  /**
   * A tensor over memory that the caller owns, without a copy. The segment must be native and live
   * longer than the tensor; one that is read-only (a mapped file) must never be written through it.
   */
  public static Tensor view(MemorySegment memory, DType dtype, long... shape) {
    Engine.load();
    return new Tensor(SharedMemory.at(memory, dtype, shape));
  }

  static TensorOptions options(DType dtype, Device device) {
    return new TensorOptions(dtype.scalarType)
        .device(new org.bytedeco.pytorch.DeviceOptional(device.handle()));
  }

  private static long[] shapeOf(long[] shape, int length) {
    return shape.length == 0 && length != 1 ? new long[] {length} : shape;
  }

  // ---- what it is ----

  public long[] shape() {
    long[] shape = new long[(int) handle.dim()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = handle.size(i);
    }
    return shape;
  }

  public long size(int dimension) {
    return handle.size(dimension);
  }

  public int dim() {
    return (int) handle.dim();
  }

  public long numel() {
    return handle.numel();
  }

  public long nbytes() {
    return handle.nbytes();
  }

  public DType dtype() {
    return DType.of(handle.scalar_type());
  }

  public boolean isContiguous() {
    return handle.is_contiguous();
  }

  public boolean requiresGrad() {
    return handle.requires_grad();
  }

  /** The memory itself, for kernels; the tensor must be contiguous, on the CPU, and outlive it. */
  public MemorySegment segment() {
    if (!isContiguous()) {
      throw new IllegalStateException(
          "tensor " + this + " is not contiguous: its memory is not one run of values");
    }
    return SharedMemory.of(handle);
  }

  // ---- reading ----

  /** The one value of a tensor with one element. */
  public double item() {
    return handle.to(torch.ScalarType.Double).item_double();
  }

  public float[] toFloats() {
    float[] values = new float[Math.toIntExact(numel())];
    if (values.length > 0) {
      new FloatPointer(handle.detach().to(torch.ScalarType.Float).cpu().contiguous().data_ptr())
          .get(values);
    }
    return values;
  }

  public double[] toDoubles() {
    double[] values = new double[Math.toIntExact(numel())];
    if (values.length > 0) {
      new DoublePointer(handle.detach().to(torch.ScalarType.Double).cpu().contiguous().data_ptr())
          .get(values);
    }
    return values;
  }

  public long[] toLongs() {
    long[] values = new long[Math.toIntExact(numel())];
    if (values.length > 0) {
      new LongPointer(handle.detach().to(torch.ScalarType.Long).cpu().contiguous().data_ptr())
          .get(values);
    }
    return values;
  }

  // ---- shape ----

  public Tensor view(long... shape) {
    return new Tensor(handle.view(shape));
  }

  public Tensor reshape(long... shape) {
    return new Tensor(handle.reshape(shape));
  }

  public Tensor transpose(int a, int b) {
    return new Tensor(handle.transpose(a, b));
  }

  public Tensor permute(long... dimensions) {
    return new Tensor(handle.permute(dimensions));
  }

  public Tensor contiguous() {
    return new Tensor(handle.contiguous());
  }

  public Tensor unsqueeze(int dimension) {
    return new Tensor(handle.unsqueeze(dimension));
  }

  public Tensor squeeze(int dimension) {
    return new Tensor(handle.squeeze(dimension));
  }

  public Tensor expand(long... shape) {
    return new Tensor(handle.expand(shape));
  }

  /** A view of {@code length} entries from {@code start} along a dimension. */
  public Tensor narrow(int dimension, long start, long length) {
    return new Tensor(handle.narrow(dimension, start, length));
  }

  public Tensor repeatInterleave(long repeats, int dimension) {
    return new Tensor(
        handle.repeat_interleave(repeats, new LongOptional(dimension), new LongOptional()));
  }

  public Tensor flip(long... dimensions) {
    return new Tensor(handle.flip(dimensions));
  }

  public static Tensor cat(List<Tensor> tensors, int dimension) {
    return new Tensor(torch.cat(vector(tensors), dimension));
  }

  public static Tensor stack(List<Tensor> tensors, int dimension) {
    return new Tensor(torch.stack(vector(tensors), dimension));
  }

  private static TensorVector vector(List<Tensor> tensors) {
    return new TensorVector(
        tensors.stream().map(tensor -> tensor.handle).toArray(org.bytedeco.pytorch.Tensor[]::new));
  }

  // ---- type, copies ----

  public Tensor to(DType dtype) {
    return new Tensor(handle.to(dtype.scalarType));
  }

  public Tensor to(Device device) {
    return new Tensor(handle.to(device.handle(), handle.scalar_type()));
  }

  public Tensor copy() {
    return new Tensor(handle.clone());
  }

  public Tensor detach() {
    return new Tensor(handle.detach());
  }

  // ---- element-wise ----

  public Tensor add(Tensor other) {
    return new Tensor(handle.add(other.handle));
  }

  public Tensor add(double value) {
    return new Tensor(handle.add(new Scalar(value)));
  }

  public Tensor sub(Tensor other) {
    return new Tensor(handle.sub(other.handle));
  }

  public Tensor mul(Tensor other) {
    return new Tensor(handle.mul(other.handle));
  }

  public Tensor mul(double value) {
    return new Tensor(handle.mul(new Scalar(value)));
  }

  public Tensor div(Tensor other) {
    return new Tensor(handle.div(other.handle));
  }

  public Tensor div(double value) {
    return new Tensor(handle.div(new Scalar(value)));
  }

  public Tensor neg() {
    return new Tensor(handle.neg());
  }

  public Tensor pow(double exponent) {
    return new Tensor(handle.pow(new Scalar(exponent)));
  }

  public Tensor exp() {
    return new Tensor(handle.exp());
  }

  public Tensor log() {
    return new Tensor(handle.log());
  }

  public Tensor sqrt() {
    return new Tensor(handle.sqrt());
  }

  public Tensor rsqrt() {
    return new Tensor(handle.rsqrt());
  }

  public Tensor cos() {
    return new Tensor(handle.cos());
  }

  public Tensor sin() {
    return new Tensor(handle.sin());
  }

  public Tensor abs() {
    return new Tensor(handle.abs());
  }

  public Tensor tanh() {
    return new Tensor(handle.tanh());
  }

  public Tensor sigmoid() {
    return new Tensor(handle.sigmoid());
  }

  public Tensor silu() {
    return new Tensor(torch.silu(handle));
  }

  /**
   * GELU; {@code tanh} takes the tanh approximation ({@code gelu_new}), else the error function.
   */
  public Tensor gelu(boolean tanh) {
    return new Tensor(torch.gelu(handle, tanh ? "tanh" : "none"));
  }

  public Tensor eq(Tensor other) {
    return new Tensor(handle.eq(other.handle));
  }

  public Tensor ne(double value) {
    return new Tensor(handle.ne(new Scalar(value)));
  }

  public Tensor le(Tensor other) {
    return new Tensor(handle.le(other.handle));
  }

  public Tensor ge(Tensor other) {
    return new Tensor(handle.ge(other.handle));
  }

  public Tensor le(double value) {
    return new Tensor(handle.le(new Scalar(value)));
  }

  public Tensor ge(double value) {
    return new Tensor(handle.ge(new Scalar(value)));
  }

  public Tensor logicalAnd(Tensor other) {
    return new Tensor(handle.logical_and(other.handle));
  }

  public Tensor logicalNot() {
    return new Tensor(handle.logical_not());
  }

  public Tensor maskedFill(Tensor mask, double value) {
    return new Tensor(handle.masked_fill(mask.handle, new Scalar(value)));
  }

  // ---- reductions ----

  public Tensor sum() {
    return new Tensor(handle.sum());
  }

  public Tensor sum(int dimension, boolean keepDim) {
    return new Tensor(handle.sum(new long[] {dimension}, keepDim, new ScalarTypeOptional()));
  }

  public Tensor mean() {
    return new Tensor(handle.mean());
  }

  public Tensor mean(int dimension, boolean keepDim) {
    return new Tensor(handle.mean(new long[] {dimension}, keepDim, new ScalarTypeOptional()));
  }

  public Tensor max() {
    return new Tensor(handle.max());
  }

  /** Index of the largest value along a dimension. */
  public Tensor argmax(int dimension) {
    return new Tensor(handle.argmax(new LongOptional(dimension), false));
  }

  /** Euclidean norm of all values. */
  public Tensor norm() {
    return new Tensor(handle.norm());
  }

  public Tensor isFinite() {
    return new Tensor(handle.isfinite());
  }

  public boolean all() {
    return handle.all().item_bool();
  }

  /** The {@code k} largest along the last dimension, largest first. */
  public TopK topk(int k) {
    T_TensorTensor_T pair = handle.topk(k);
    return new TopK(new Tensor(pair.get0()), new Tensor(pair.get1()));
  }

  /** Values and their indices, as {@code torch.topk} gives them. */
  public record TopK(Tensor values, Tensor indices) {}

  // ---- products, rows, softmax ----

  public Tensor matmul(Tensor other) {
    return new Tensor(handle.matmul(other.handle));
  }

  /** {@code beta this + alpha a b} for each matrix of a batch: (N, r, k) by (N, k, c). */
  public Tensor baddbmm(Tensor a, Tensor b, double beta, double alpha) {
    return new Tensor(
        torch.baddbmm(handle, a.handle, b.handle, new Scalar(beta), new Scalar(alpha)));
  }

  public Tensor indexSelect(int dimension, Tensor indices) {
    return new Tensor(handle.index_select(dimension, indices.handle));
  }

  public Tensor gather(int dimension, Tensor indices) {
    return new Tensor(handle.gather(dimension, indices.handle));
  }

  public Tensor softmax(int dimension) {
    return new Tensor(handle.softmax(dimension));
  }

  public Tensor logSoftmax(int dimension) {
    return new Tensor(handle.log_softmax(dimension));
  }

  /** Ones where the column is at most the row plus {@code diagonal}. */
  public Tensor tril(long diagonal) {
    return new Tensor(handle.tril(diagonal));
  }

  // ---- in place ----

  public Tensor zeroInPlace() {
    handle.zero_();
    return this;
  }

  public Tensor fillInPlace(double value) {
    handle.fill_(new Scalar(value));
    return this;
  }

  public Tensor copyInPlace(Tensor source) {
    handle.copy_(source.handle);
    return this;
  }

  public Tensor addInPlace(Tensor other, double alpha) {
    handle.add_(other.handle, new Scalar(alpha));
    return this;
  }

  public Tensor mulInPlace(double factor) {
    handle.mul_(new Scalar(factor));
    return this;
  }

  /** Normally distributed values from a generator of its own. */
  public Tensor normalInPlace(double mean, double deviation, Generator generator) {
    handle.normal_(mean, deviation, generator.optional());
    return this;
  }

  public Tensor uniformInPlace(double from, double to, Generator generator) {
    handle.uniform_(from, to, generator.optional());
    return this;
  }

  // ---- gradients ----

  public Tensor setRequiresGrad(boolean requiresGrad) {
    handle.set_requires_grad(requiresGrad);
    return this;
  }

  /** The gradient, or null before the first backward. */
  public @Nullable Tensor grad() {
    org.bytedeco.pytorch.Tensor grad = handle.grad();
    // libtorch gives a reference into this tensor: a handle of its own outlives it.
    return grad.defined() ? new Tensor(new org.bytedeco.pytorch.Tensor(grad)) : null;
  }

  /**
   * Makes {@code grad} the place where backward accumulates: a view of a flat buffer, so that
   * nothing is allocated.
   */
  public void setGrad(Tensor grad) {
    handle.mutable_grad().put(grad.handle);
  }

  /**
   * Gradients of this scalar with respect to every leaf that requires them, added to what is there.
   */
  public void backward() {
    handle.backward();
  }

  /**
   * As {@link #backward()}, for a tensor that is not a scalar: {@code gradient} has this tensor's
   * shape.
   */
  public void backward(Tensor gradient) {
    handle.backward(
        gradient.handle,
        new org.bytedeco.pytorch.BoolOptional(),
        false,
        new org.bytedeco.pytorch.TensorArrayRefOptional());
  }

  // ---- end ----

  /** Lets this tensor outlive the open scope; its owner frees it with {@link #close}. */
  public Tensor retain() {
    handle.retainReference();
    return this;
  }

  /** Frees the handle now; its storage goes when no view holds it. Harmless twice. */
  @Override
  public void close() {
    handle.deallocate();
  }

  @Override
  public String toString() {
    return handle.isNull() ? "closed tensor" : dtype() + Arrays.toString(shape());
  }
}
