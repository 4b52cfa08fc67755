package dev.slipway.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.Json;
import dev.slipway.base.binding.Auto;
import dev.slipway.data.SplitName;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.MemoryExamples;
import dev.slipway.data.example.Splits;
import dev.slipway.data.example.Value;
import dev.slipway.data.example.Values;
import dev.slipway.data.feature.Augmented;
import dev.slipway.data.feature.FeatureConfig;
import dev.slipway.data.sound.LogMel;
import dev.slipway.data.sound.LogMelSettings;
import dev.slipway.data.source.DropReason;
import dev.slipway.eval.metric.MetricReport;
import dev.slipway.model.sequential.Activation;
import dev.slipway.model.sequential.BasicLayer.Dense;
import dev.slipway.model.sequential.RecurrentLayer;
import dev.slipway.model.sequential.Sequential;
import dev.slipway.model.sequential.SequentialConfig;
import dev.slipway.nn.Input;
import dev.slipway.nn.Inputs;
import dev.slipway.optim.Optimizer;
import dev.slipway.optim.OptimizerConfig;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class TranscriptionTest {
  private static final int RATE = 4000;
  private static final LogMelSettings SETTINGS =
      new LogMelSettings(RATE, 3, 160, 80, 12, 0, 0, LogMelSettings.Scale.HTK);

  /** A tone a letter, of a length of its own, with a pause behind it. */
  private static byte[] spoken(String text, SplittableRandom random) {
    int[] lengths = text.chars().map(c -> 500 + random.nextInt(500)).toArray();
    int pause = 240;
    short[] wave = new short[Arrays.stream(lengths).map(length -> length + pause).sum()];
    int at = 0;
    for (int i = 0; i < lengths.length; i++) {
      double hertz = 300 + 400 * (text.charAt(i) - 'a');
      for (int s = 0; s < lengths[i]; s++) {
        wave[at + s] = (short) (12_000 * Math.sin(2 * Math.PI * hertz * s / RATE));
      }
      at += lengths[i] + pause;
    }
    ByteBuffer wav = ByteBuffer.allocate(44 + 2 * wave.length).order(ByteOrder.LITTLE_ENDIAN);
    wav.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(36 + 2 * wave.length);
    wav.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16);
    wav.putShort((short) 1).putShort((short) 1).putInt(RATE).putInt(2 * RATE);
    wav.putShort((short) 2).putShort((short) 16);
    wav.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(2 * wave.length);
    wav.asShortBuffer().put(wave);
    return wav.array();
  }

  private static MemoryExamples sounds(int count, String... more) {
    SplittableRandom random = new SplittableRandom(8);
    List<MemoryExamples.Row> rows = new ArrayList<>();
    for (int i = 0; i < count + more.length; i++) {
      StringBuilder text = new StringBuilder();
      int letters = 1 + random.nextInt(4);
      for (int l = 0; l < letters; l++) {
        text.append((char) ('a' + random.nextInt(4)));
      }
      String said = i < count ? text.toString() : more[i - count];
      rows.add(
          new MemoryExamples.Row(
              "sound-" + i,
              10,
              Map.of(
                  "sound", new Value.Content(spoken(said, random)), "text", new Value.Text(said))));
    }
    return new MemoryExamples(
        List.of(new Field("sound", Field.Kind.SOUND), new Field("text", Field.Kind.TEXT)), rows);
  }

  private static TaskData data(MemoryExamples examples, int train) {
    return TaskData.prepare(
        examples,
        new Splits(
            IntStream.range(0, train).toArray(),
            new int[0],
            IntStream.range(train, examples.size()).toArray(),
            List.of()),
        Auto.of(
            List.of(
                new FeatureConfig.LogMel(
                    RATE,
                    3,
                    160,
                    80,
                    12,
                    0,
                    0,
                    LogMelSettings.Scale.HTK,
                    Optional.empty(),
                    true,
                    "sound"))),
        Augmented.NOT,
        new TaskConfig.Transcription("text", Auto.auto()));
  }

  @Test
  void lettersAreHeardInSoundsOfTheirOwnLengths() {
    TaskData data = data(sounds(160, "abe"), 120);
    // What training has no letter for is left out.
    assertThat(Objects.requireNonNull(data.dropped().get(160)).reason())
        .isEqualTo(DropReason.LABEL_UNKNOWN);
    try (Scope _ = Scope.open();
        Sequential network =
            Sequential.create(
                SequentialConfig.of(
                    data.inputs(),
                    List.of(
                        new Dense(24, Optional.of(Activation.RELU), true),
                        new RecurrentLayer.Lstm(24, 1, true, true, 0),
                        new Dense(5, Optional.empty(), true))),
                1);
        ExampleObjective objective =
            new ExampleObjective(
                network, data.task(), data.training(12, 1), null, ExampleObjective.Options.PLAIN);
        Optimizer optimizer = OptimizerConfig.Adam.of(1e-2).bind(network.parameters())) {
      for (int step = 0; step < 150; step++) {
        network.parameters().flatGradients().zeroInPlace();
        objective.forwardBackward(step, 1.0 / objective.targetCount(step));
        optimizer.step(step, 1, 1);
      }
      Evaluation evaluation =
          Evaluation.of(
              network,
              data.task().task(),
              data.task().criterion(),
              data.inOrder(SplitName.TEST, 16).orElseThrow(),
              Long.MAX_VALUE);
      MetricReport report = evaluation.predictions().reports(1).firstEntry().getValue();
      assertThat(report.task()).isEqualTo("transcription");
      assertThat(evaluation.predictions().headlines().get("cer")).isLessThan(0.1);
      Task again = Json.MAPPER.readValue(Json.write(data.task().task()), Task.class);
      Predictor predictor = new Predictor(network, data.features(), again);
      byte[] wav = ((Value.Content) data.examples().value(120, "sound")).bytes();
      ObjectNode request = Json.object().put("sound", Base64.getEncoder().encodeToString(wav));
      assertThat(predictor.read(request).answer(1).path("text").asString())
          .isEqualTo(((Answer.Written) evaluation.answers().getFirst()).text())
          .isNotEmpty();
    }
  }

  @Test
  void aBatchIsAsLongAsItsLongestSound() {
    MemoryExamples examples = sounds(3);
    TaskData data = data(examples, 3);
    Values.Ragged batch =
        (Values.Ragged)
            data.encoded().inputs().firstEntry().getValue().gather(new int[] {0, 1, 2}, null);
    int longest = Arrays.stream(batch.lengths()).max().orElseThrow();
    assertThat(batch.shape()).containsExactly(3, longest, 12);
    LogMel logMel = new LogMel(SETTINGS);
    for (int row = 0; row < 3; row++) {
      byte[] wav = ((Value.Content) examples.value(row, "sound")).bytes();
      int samples = (wav.length - 44) / 2;
      assertThat(batch.lengths()[row]).isEqualTo(1 + samples / 80);
      // Within the sound it is the spectrogram of fixed length, but for the mirrored end.
      float[] fixed = logMel.ofSamples(Arrays.copyOf(samples(wav), SETTINGS.samples()));
      assertThat(batch.values()[(row * longest + 2) * 12 + 5])
          .isCloseTo(fixed[5 * SETTINGS.frames() + 2], within(1e-5f));
    }
  }

  private static float[] samples(byte[] wav) {
    var shorts =
        ByteBuffer.wrap(wav, 44, wav.length - 44).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer();
    float[] samples = new float[shorts.remaining()];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = shorts.get(i) / 32768f;
    }
    return samples;
  }

  @Test
  void aNetworkThatMakesSequencesShorterDoesSoToTheirLengths() {
    try (Scope _ = Scope.open()) {
      Inputs inputs =
          Inputs.of(
              "sound",
              new Input(
                  Tensor.of(new float[3 * 10 * 2], 3, 10, 2), Tensor.of(new long[] {10, 5, 1}, 3)));
      Tensor halved = Tensor.of(new float[3 * 5 * 4], 3, 5, 4);
      Tensor lengths = Objects.requireNonNull(Criterion.frames(inputs, halved));
      assertThat(lengths.toLongs()).containsExactly(5, 3, 1);
    }
  }
}
