package dev.slipway.model.decoder;

import dev.slipway.nn.ParameterSpec;
import dev.slipway.nn.ProjectionSlot;
import dev.slipway.nn.Weights;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Tensor;
import dev.slipway.tokenizer.TokenBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A decoder whose head {@code score} (1, C), without a bias, gives one number in place of logits:
 * transformers' {@code …ForSequenceClassification} with one label, as reward models are published.
 *
 * @param decoder with a head of its own, in whose place the other one stands
 * @param padId the score is that of the last token which is another one; -1 for the last of all
 */
public record ScoringConfig(DecoderConfig decoder, int padId) implements DecoderConfig {
  /** The head's weight. */
  public static final String SCORE = "score.weight";

  private static final double DEVIATION = 0.02;

  public ScoringConfig {
    decoder = decoder.untied();
  }

  /** How {@code config.json} spells the architecture of a decoder with such a head. */
  public static String architecture(DecoderConfig decoder) {
    return decoder
            .architecture()
            .replaceFirst("(ForCausalLM|LMHeadModel)$", "")
            // transformers has the name without a suffix for its model with pictures.
            .replaceFirst("^Gemma3$", "Gemma3Text")
        + "ForSequenceClassification";
  }

  @Override
  public String architecture() {
    return architecture(decoder);
  }

  @Override
  public DecoderShape shape() {
    return decoder.shape();
  }

  @Override
  public List<ParameterSpec> parameters() {
    List<ParameterSpec> specs = new ArrayList<>(decoder.parameters());
    specs.removeIf(spec -> spec.name().equals(CheckpointNames.HEAD));
    specs.add(
        new ParameterSpec(
            SCORE,
            List.of(1L, (long) shape().hiddenSize()),
            ParameterSpec.Role.HEAD,
            new ParameterSpec.Init.Normal(DEVIATION)));
    return List.copyOf(specs);
  }

  @Override
  public CheckpointNames names() {
    return decoder.names();
  }

  @Override
  public DecoderConfig untied() {
    return this;
  }

  @Override
  public DecoderNetwork network(Weights weights) {
    return decoder.network(new Scoring(weights));
  }

  /** The place in a text whose hidden state is scored, as transformers finds it. */
  public int place(int[] ids) {
    int last = ids.length - 1;
    while (last > 0 && ids[last] == padId) {
      last--;
    }
    return last;
  }

  /**
   * Texts as rows of a batch in which the place of each is marked.
   *
   * @param texts ids of each, at least one
   * @param filler fills rows up
   */
  public TokenBatch batch(List<int[]> texts, int filler) {
    int columns = texts.stream().mapToInt(ids -> ids.length).max().orElse(0);
    int[] tokens = new int[texts.size() * columns];
    int[] targets = new int[tokens.length];
    Arrays.fill(tokens, filler);
    Arrays.fill(targets, TokenBatch.IGNORED);
    for (int row = 0; row < texts.size(); row++) {
      int[] ids = texts.get(row);
      System.arraycopy(ids, 0, tokens, row * columns, ids.length);
      targets[row * columns + place(ids)] = 0;
    }
    return new TokenBatch(texts.size(), columns, tokens, targets, new int[tokens.length]);
  }

  /** Has the score in the place of the head. */
  private record Scoring(Weights weights) implements Weights {
    private static String named(String name) {
      return name.equals(CheckpointNames.HEAD) ? SCORE : name;
    }

    @Override
    public Tensor value(String name) {
      return weights.value(named(name));
    }

    @Override
    public Tensor table(String name) {
      return weights.table(name);
    }

    @Override
    public Tensor operand(String... names) {
      String[] others = names.clone();
      for (int i = 0; i < others.length; i++) {
        others[i] = named(others[i]);
      }
      return weights.operand(others);
    }

    @Override
    public ProjectionSlot linear(String name, boolean bias) {
      return weights.linear(name, bias);
    }

    @Override
    public ProjectionSlot conv1d(String name) {
      return weights.conv1d(name);
    }

    @Override
    public DType computeType() {
      return weights.computeType();
    }
  }
}
