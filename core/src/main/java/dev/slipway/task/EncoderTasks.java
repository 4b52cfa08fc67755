package dev.slipway.task;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.model.Network;
import dev.slipway.model.Pass;
import dev.slipway.model.encoder.Head;
import dev.slipway.model.encoder.Pooling;
import dev.slipway.model.encoder.TextEncoder;
import dev.slipway.nn.Input;
import dev.slipway.nn.Inputs;
import dev.slipway.nn.ParameterSet;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Tasks on pretrained encoders: which head of transformers' a task needs, so that the trained model
 * is a folder that transformers opens, and how the task reads it.
 */
public final class EncoderTasks {
  private EncoderTasks() {}

  /**
   * The head that a task needs.
   *
   * @throws SlipwayException {@code task.no-encoder} for a task that encoders don't do
   */
  public static Head head(Task task) {
    return switch (task) {
      case BinaryClassification binary -> new Head.SequenceClassification(binary.classes());
      case MultiClassClassification one -> new Head.SequenceClassification(one.classes());
      case MultiLabelClassification some ->
          new Head.SequenceClassification(some.labels(), Head.Problem.MULTI_LABEL);
      case Regression number -> estimate(number.field());
      case Ranking ranking -> estimate(ranking.field());
      case SequenceTagging tagging -> new Head.TokenClassification(tagging.tags());
      case SpanAnswering _ -> new Head.SpanAnswering();
      case Contrastive _ -> new Head.Hidden(false);
      case Transcription _, SequenceToSequence _, Recommendation _, MultiTask _ ->
          throw new SlipwayException(
              Exit.USAGE,
              "task.no-encoder",
              "a pretrained encoder does not learn "
                  + task.getClass().getSimpleName()
                  + ", expected binary, multi-class, multi-label, regression, ranking, tagging, span-answering or contrastive",
              "choose another task, or another model");
    };
  }

  private static Head estimate(String label) {
    return new Head.SequenceClassification(List.of(label), Head.Problem.REGRESSION);
  }

  /**
   * An encoder with the task's head as the task reads it.
   *
   * @param encoder closed with what comes
   * @param pooling of hidden states to the vector of a text
   */
  public static Network network(Network encoder, Task task, Pooling pooling) {
    return switch (task) {
      case BinaryClassification _ -> new OfTwoClasses(encoder);
      case Contrastive pairs -> new OfTexts(encoder, pairs.texts(), pooling);
      default -> encoder;
    };
  }

  /** What {@link #network} was given. */
  public static Network encoder(Network network) {
    return switch (network) {
      case OfTwoClasses(Network encoder) -> encoder;
      case OfTexts(Network encoder, List<String> _, Pooling _) -> encoder;
      default -> network;
    };
  }

  /** Another network around one, whose parameters are that one's. */
  private sealed interface Around extends Network {
    Network encoder();

    @Override
    default ParameterSet parameters() {
      return encoder().parameters();
    }

    @Override
    default ParameterSet buffers() {
      return encoder().buffers();
    }

    @Override
    default boolean hasLargeProducts() {
      return encoder().hasLargeProducts();
    }

    @Override
    default void close() {
      encoder().close();
    }

    static SequencedMap<String, Tensor> one(Tensor output) {
      SequencedMap<String, Tensor> one = new LinkedHashMap<>();
      one.put(OUTPUT, output);
      return one;
    }
  }

  /**
   * Two logits as one, their difference: its sigmoid is the softmax's second probability, and its
   * binary cross-entropy the cross-entropy of both.
   */
  private record OfTwoClasses(Network encoder) implements Around {
    @Override
    public SequencedMap<String, Tensor> forward(Inputs inputs, Pass pass) {
      Tensor logits = encoder.output(inputs, pass); // (B, 2)
      return Around.one(logits.narrow(1, 1, 1).sub(logits.narrow(1, 0, 1))); // (B, 1)
    }
  }

  /** Several texts, each an input of its own, as vectors side by side. */
  private record OfTexts(Network encoder, List<String> texts, Pooling pooling) implements Around {
    @Override
    public SequencedMap<String, Tensor> forward(Inputs inputs, Pass pass) {
      List<Tensor> vectors = new ArrayList<>();
      for (String text : texts) {
        Input input = inputs.get(text);
        Tensor hidden = encoder.output(Inputs.of(TextEncoder.IDS, input), pass); // (B, T, C)
        long @Nullable [] lengths = input.lengths() == null ? null : input.lengths().toLongs();
        vectors.add(pooling.apply(hidden.to(DType.FLOAT32), lengths, 0).unsqueeze(1));
      }
      return Around.one(Tensor.cat(vectors, 1)); // (B, texts, C)
    }
  }
}
