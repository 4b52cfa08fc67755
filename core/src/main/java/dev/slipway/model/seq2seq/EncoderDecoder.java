package dev.slipway.model.seq2seq;

import dev.slipway.model.Network;
import dev.slipway.model.Pass;
import dev.slipway.nn.Input;
import dev.slipway.nn.Inputs;
import dev.slipway.nn.Norm;
import dev.slipway.nn.ParameterSet;
import dev.slipway.tensor.Functional;
import dev.slipway.tensor.Layers;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * The encoder–decoder transformer (Vaswani et al. 2017): the numbers of {@code
 * torch.nn.Transformer} between embeddings times √C with positions, and a head without biases.
 *
 * <p>Shapes: B rows, S source positions, T target positions, C width, V target vocabulary. It
 * learns from {@code source} ids (B, S) and {@code target} ids (B, T), whose first one begins a
 * sequence, both with lengths; the output is the logits (B, T, V) of the ids that follow. Not for
 * several threads.
 */
public final class EncoderDecoder implements Network {
  public static final String SOURCE = "source";
  public static final String TARGET = "target";

  /** In place of -∞, of which a row without any true position would make NaN. */
  private static final double UNSEEN = -1e9;

  private final EncoderDecoderConfig config;
  private final ParameterSet parameters;
  private final ParameterSet buffers = ParameterSet.frozen(List.of());
  private final List<Block> encoder = new ArrayList<>();
  private final List<Block> decoder = new ArrayList<>();
  private final Norm encoderNorm;
  private final Norm decoderNorm;
  private final Tensor sourceEmbedding;
  private final Tensor targetEmbedding;
  private final Tensor head;
  private final Tensor positions;

  /**
   * @param parameters of {@code config}; closed with this
   */
  public EncoderDecoder(EncoderDecoderConfig config, ParameterSet parameters) {
    this.config = config;
    this.parameters = parameters;
    for (int i = 0; i < config.size().layers(); i++) {
      encoder.add(new Block(config, parameters, "encoder.layers." + i + ".", false));
    }
    for (int i = 0; i < config.size().decoders(); i++) {
      decoder.add(new Block(config, parameters, "decoder.layers." + i + ".", true));
    }
    encoderNorm = Block.norm(parameters, "encoder.norm");
    decoderNorm = Block.norm(parameters, "decoder.norm");
    sourceEmbedding = parameters.value(config.sourceEmbedding());
    targetEmbedding = parameters.value(EncoderDecoderConfig.TARGET_EMBEDDING);
    head = parameters.value(config.head());
    positions =
        switch (config.size().positions()) {
          case LEARNED -> parameters.value(EncoderDecoderConfig.POSITIONS);
          case SINUSOIDAL -> sinusoids(config.size().context(), config.size().hidden());
        };
  }

  /**
   * {@code sin(t / 10000^(2i / C))} at 2 i and the cosine at 2 i + 1 (Vaswani et al. 2017, section
   * 3.5), (context, C).
   */
  private static Tensor sinusoids(int context, int width) {
    float[] table = new float[context * width];
    for (int t = 0; t < context; t++) {
      for (int i = 0; i < width; i += 2) {
        double angle = t / StrictMath.pow(10_000, (double) i / width);
        table[t * width + i] = (float) StrictMath.sin(angle);
        table[t * width + i + 1] = (float) StrictMath.cos(angle);
      }
    }
    try (Scope scope = Scope.open()) {
      return scope.keep(Tensor.of(table, context, width));
    }
  }

  public EncoderDecoderConfig config() {
    return config;
  }

  @Override
  public ParameterSet parameters() {
    return parameters;
  }

  @Override
  public ParameterSet buffers() {
    return buffers;
  }

  @Override
  public SequencedMap<String, Tensor> forward(Inputs inputs, Pass pass) {
    Input source = inputs.get(SOURCE);
    Tensor mask = mask(source); // (B, 1, 1, S)
    Tensor memory = encode(source, mask, pass); // (B, S, C)
    Tensor x = embed(inputs.get(TARGET).values(), targetEmbedding, 0, pass); // (B, T, C)
    for (int i = 0; i < decoder.size(); i++) {
      Block block = decoder.get(i);
      try (Scope scope = Scope.open()) {
        x = scope.leave(block.decode(x, block.ofMemory(memory), mask, pass.training()));
      }
      pass.watch().output("decoder.layers." + i, x);
    }
    SequencedMap<String, Tensor> outputs = new LinkedHashMap<>();
    outputs.put(OUTPUT, logits(x));
    return outputs;
  }

  /** Hidden states of the source (B, S, C). */
  private Tensor encode(Input source, @Nullable Tensor mask, Pass pass) {
    Tensor x = embed(source.values(), sourceEmbedding, 0, pass); // (B, S, C)
    for (int i = 0; i < encoder.size(); i++) {
      try (Scope scope = Scope.open()) {
        x = scope.leave(encoder.get(i).encode(x, mask, pass.training())); // (B, S, C)
      }
      pass.watch().output("encoder.layers." + i, x);
    }
    return encoderNorm.apply(x); // (B, S, C)
  }

  private Tensor embed(Tensor ids, Tensor table, int from, Pass pass) {
    long columns = ids.size(1);
    if (from + columns > config.size().context()) {
      throw new IllegalArgumentException(
          from + columns + " positions, the longest sequence has " + config.size().context());
    }
    Tensor x =
        Functional.embedding(ids, table)
            .mul(Math.sqrt(config.size().hidden()))
            .add(positions.narrow(0, from, columns)); // (B, T, C)
    double dropout = config.size().dropout();
    return pass.training() && dropout > 0 ? Layers.dropout(x, dropout) : x;
  }

  private Tensor logits(Tensor x) {
    return Functional.linear(decoderNorm.apply(x), head, null); // (B, T, V)
  }

  /** What is added to scores, (B, 1, 1, S); null where no row is padded. */
  private static @Nullable Tensor mask(Input source) {
    if (source.lengths() == null) {
      return null;
    }
    long columns = source.values().size(1);
    long[] lengths = source.lengths().toLongs();
    float[] mask = new float[Math.toIntExact(lengths.length * columns)];
    boolean padded = false;
    for (int row = 0; row < lengths.length; row++) {
      for (int t = (int) lengths[row]; t < columns; t++) {
        mask[row * (int) columns + t] = (float) UNSEEN;
        padded = true;
      }
    }
    return padded ? Tensor.of(mask, lengths.length, 1, 1, columns) : null;
  }

  /** Begins to answer: reads the sources, knows nothing of the targets yet. Without gradients. */
  public Decoding decoding(Input source) {
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      Tensor mask = mask(source); // (B, 1, 1, S)
      Tensor memory = encode(source, mask, Pass.INFERENCE); // (B, S, C)
      List<Attention.KeyValues> ofMemory = new ArrayList<>();
      for (Block block : decoder) {
        ofMemory.add(block.ofMemory(memory).retain());
      }
      return new Decoding(ofMemory, mask == null ? null : mask.retain());
    }
  }

  /**
   * Targets that grow by a position at a time, R rows of them: at first one for each source. What
   * earlier positions showed is kept, not computed again.
   */
  public final class Decoding implements AutoCloseable {
    private final List<Attention.KeyValues> memory;
    private @Nullable Tensor mask;
    private final List<Attention.KeyValues> seen = new ArrayList<>();
    private int position;

    private Decoding(List<Attention.KeyValues> memory, @Nullable Tensor mask) {
      this.memory = memory;
      this.mask = mask;
    }

    /**
     * Goes on with chosen rows, some of them several times or not at all.
     *
     * @param rows indices of present rows, (R')
     * @param sameSources whether each place keeps the source it had, so that only targets move
     */
    public void choose(Tensor rows, boolean sameSources) {
      try (Scope _ = Scope.open()) {
        seen.replaceAll(layer -> layer.replacedBy(layer.rows(rows)));
        if (sameSources) {
          return;
        }
        memory.replaceAll(layer -> layer.replacedBy(layer.rows(rows)));
        if (mask != null) {
          Tensor chosen = mask.indexSelect(0, rows).retain();
          mask.close();
          mask = chosen;
        }
      }
    }

    /**
     * Takes the next ids (R), gives the logits (R, V) of those that follow; the caller's to free.
     */
    public Tensor step(Tensor ids) {
      try (Scope _ = Scope.open();
          NoGrad _ = NoGrad.open()) {
        Tensor x = embed(ids.view(-1, 1), targetEmbedding, position, Pass.INFERENCE); // (R, 1, C)
        for (int i = 0; i < decoder.size(); i++) {
          Attention.KeyValues before = position == 0 ? null : seen.get(i);
          Block.Stepped stepped = decoder.get(i).step(x, before, memory.get(i), mask);
          x = stepped.x(); // (R, 1, C)
          if (before == null) {
            seen.add(stepped.seen().retain());
          } else {
            seen.set(i, before.replacedBy(stepped.seen()));
          }
        }
        position++;
        return logits(x).squeeze(1).retain(); // (R, V)
      }
    }

    @Override
    public void close() {
      memory.forEach(Attention.KeyValues::close);
      seen.forEach(Attention.KeyValues::close);
      if (mask != null) {
        mask.close();
      }
    }
  }

  @Override
  public void close() {
    if (config.size().positions() == EncoderDecoderConfig.Positions.SINUSOIDAL) {
      positions.close();
    }
    parameters.close();
    buffers.close();
  }
}
