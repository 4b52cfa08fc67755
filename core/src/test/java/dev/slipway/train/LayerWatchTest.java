package dev.slipway.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.model.Pass;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.optim.OptimizerConfig;
import dev.slipway.optim.Schedule;
import dev.slipway.task.Objective;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Functional;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerWatchTest {
  private static final int WIDTH = 8;

  @TempDir Path folder;

  /** Square layers one after the other, an activation after each. */
  private static final class Deep implements Objective {
    private final int depth;
    private final UnaryOperator<Tensor> activation;
    private final ParameterSet parameters;
    private Pass.Watch watch = (layer, output) -> {};

    Deep(int depth, double deviation, double bias, UnaryOperator<Tensor> activation) {
      this.depth = depth;
      this.activation = activation;
      List<ParameterSpec> specs = new ArrayList<>();
      for (int i = 0; i < depth; i++) {
        specs.add(ParameterSpec.matrix(i + ".weight", WIDTH, WIDTH, deviation));
        specs.add(ParameterSpec.vector(i + ".bias", WIDTH, bias));
      }
      parameters = ParameterSet.allocate(specs);
      parameters.initialise(3);
    }

    @Override
    public ParameterSet parameters() {
      return parameters;
    }

    @Override
    public int targetCount(long index) {
      return 16;
    }

    @Override
    public double forwardBackward(long index, double scale) {
      float[] values = new float[16 * WIDTH];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) Math.sin(index * 31 + i);
      }
      Tensor x = Tensor.of(values, 16, WIDTH);
      for (int i = 0; i < depth; i++) {
        x =
            activation.apply(
                Functional.linear(
                    x, parameters.value(i + ".weight"), parameters.value(i + ".bias")));
        watch.output("activation " + i, x);
      }
      Tensor loss = x.add(-1).pow(2).sum();
      loss.mul(scale).backward();
      return loss.item();
    }

    @Override
    public void watchLayers(Pass.Watch watch) {
      this.watch = watch;
    }

    @Override
    public void parametersChanged() {}

    @Override
    public boolean hasValidation() {
      return false;
    }

    @Override
    public double validationLoss(int batches) {
      throw new IllegalStateException("there is no validation split");
    }

    @Override
    public List<String> recordIds(long index) {
      return List.of("a");
    }

    @Override
    public void close() {
      parameters.close();
    }
  }

  private List<TrainEvent.LayersWatched> train(Deep objective, long steps, double rate) {
    List<TrainEvent.LayersWatched> watched = new ArrayList<>();
    OptimizerConfig sgd = new OptimizerConfig.Sgd(rate, 0, 0, false, OptimizerConfig.Penalty.NONE);
    TrainConfig config =
        TrainConfig.of(1, steps, 16, sgd, new Schedule.Constant(0))
            .withClip(0)
            .withCheckpoints(Duration.ofDays(1), 1);
    try (Scope _ = Scope.open();
        CheckpointStore checkpoints = new CheckpointStore(folder.resolve("checkpoints"), 1);
        objective) {
      new Trainer(
              config,
              objective,
              checkpoints,
              List.of(
                  event -> {
                    if (event instanceof TrainEvent.LayersWatched layers) {
                      watched.add(layers);
                    }
                  }),
              () -> false,
              now -> "")
          .run();
    }
    return watched;
  }

  private static Tensor relu(Tensor x) {
    return x.mul(x.detach().ge(Tensor.zeros(DType.FLOAT32)).to(DType.FLOAT32));
  }

  @Test
  void sumsUpNormsByLayer() {
    TrainEvent.LayersWatched first = train(new Deep(2, 0.4, 0.1, Tensor::tanh), 1, 0.01).getFirst();
    assertThat(first.step()).isEqualTo(1);
    assertThat(first.parameters()).extracting(LayerParameters::layer).containsExactly("0", "1");
    assertThat(first.outputs())
        .extracting(LayerOutput::layer)
        .containsExactly("activation 0", "activation 1");
    LayerParameters layer = first.parameters().getFirst();
    // 64 values of deviation 0.4; plain descent changes them by 0.01 of their gradient.
    assertThat(layer.weightNorm()).isCloseTo(3.2, within(0.8));
    assertThat(layer.updateRatio() * layer.weightNorm())
        .isPositive()
        .isLessThanOrEqualTo(0.01 * layer.gradientNorm() * (1 + 1e-6));
    assertThat(first.diagnoses()).isEmpty();
  }

  @Test
  void looksAtTheFirstStepAndTwentyMore() {
    List<TrainEvent.LayersWatched> watched = train(new Deep(1, 0.4, 0, Tensor::tanh), 60, 0.01);
    assertThat(watched).hasSize(21);
    assertThat(watched.get(1).step()).isEqualTo(3);
    assertThat(watched.getLast().step()).isEqualTo(60);
  }

  @Test
  void findsGradientsThatVanish() {
    List<Diagnosis> diagnoses =
        train(new Deep(12, 0.5, 0, Tensor::sigmoid), 1, 0.01).getFirst().diagnoses();
    assertThat(diagnoses).extracting(Diagnosis::kind).contains(Diagnosis.Kind.VANISHING_GRADIENT);
    assertThat(diagnoses.getFirst().layer()).isEqualTo("0");
    assertThat(diagnoses.getFirst().advice()).contains("residual connection");
  }

  @Test
  void findsGradientsThatExplodeAndStepsThatAreTooLarge() {
    List<Diagnosis> diagnoses =
        train(new Deep(6, 3, 0, x -> x.mul(1)), 1, 1e-9).getFirst().diagnoses();
    assertThat(diagnoses)
        .filteredOn(diagnosis -> diagnosis.kind() == Diagnosis.Kind.EXPLODING_GRADIENT)
        .hasSize(6); // each is far beyond its weights
    diagnoses =
        Diagnosis.of(
            List.of(
                new LayerParameters("a", 5000, 1, 0.2),
                new LayerParameters("b", 3, 1, 0.001),
                new LayerParameters("c", 2, 1, 0.001)),
            List.of());
    assertThat(diagnoses)
        .extracting(Diagnosis::layer, Diagnosis::kind)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("a", Diagnosis.Kind.EXPLODING_GRADIENT),
            org.assertj.core.groups.Tuple.tuple("a", Diagnosis.Kind.LARGE_STEPS));
    assertThat(diagnoses.getLast().sentence()).isEqualTo("a step changes its weights by 20 %");
  }

  @Test
  void layersThatOnlyHandOnWhatIsDeadAreNotToldOf() {
    List<Diagnosis> diagnoses =
        Diagnosis.of(
            List.of(new LayerParameters("0", 1, 1, 0), new LayerParameters("3", 1, 1, 0)),
            List.of(
                new LayerOutput("0", 16, 0.9, 0.8),
                new LayerOutput("1", 16, 0.9, 0.8),
                new LayerOutput("2", 16, 0.9, 0.8),
                new LayerOutput("3", 16, 0.9, 0.6),
                new LayerOutput("4", 16, 0.9, 0.3)));
    assertThat(diagnoses).extracting(Diagnosis::layer).containsExactly("0", "3");
  }

  @Test
  void aUnitIsDeadOnlyWhereItIsZeroAtEveryPlace() {
    float[] values = new float[8 * 2 * 2 * 3];
    values[7] = 1; // one place of the second of two filters
    try (Scope _ = Scope.open()) {
      assertThat(LayerWatch.dead(Tensor.of(values, 8, 2, 2, 3))).isEqualTo(0.5);
      assertThat(LayerWatch.dead(Tensor.of(values, 8, 6, 2))).isEqualTo(0.5);
      assertThat(LayerWatch.dead(Tensor.of(values, 8, 12))).isCloseTo(11 / 12.0, within(1e-6));
    }
  }

  @Test
  void findsUnitsThatAreDead() {
    TrainEvent.LayersWatched first =
        train(new Deep(2, 0.1, -10, LayerWatchTest::relu), 1, 0.01).getFirst();
    assertThat(first.outputs())
        .allSatisfy(
            output -> {
              assertThat(output.dead()).isEqualTo(1);
              assertThat(output.zeros()).isEqualTo(1);
              assertThat(output.examples()).isEqualTo(16);
            });
    assertThat(first.diagnoses().getFirst().sentence())
        .isEqualTo("100 % of its units are 0 for every example");
  }
}
