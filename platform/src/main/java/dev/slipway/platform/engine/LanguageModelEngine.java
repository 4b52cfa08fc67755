package dev.slipway.platform.engine;

import dev.slipway.infer.Generation;
import dev.slipway.infer.GenerationRequest;
import dev.slipway.infer.TokenLogprob;
import dev.slipway.infer.batch.AdapterMatrices;
import dev.slipway.infer.batch.BatchFacts;
import dev.slipway.infer.batch.BatchListener;
import dev.slipway.infer.batch.BatchNetwork;
import dev.slipway.infer.batch.BatchedModel;
import dev.slipway.infer.grammar.AnswerFormat;
import dev.slipway.infer.grammar.Constraint;
import dev.slipway.model.pretrained.ModelFolder;
import dev.slipway.model.pretrained.ModelVersion;
import dev.slipway.platform.toolcall.ToolConvention;
import dev.slipway.tokenizer.Tokenizer;
import dev.slipway.tokenizer.chat.ChatTemplates;
import dev.slipway.tokenizer.chat.Conversation;
import dev.slipway.tokenizer.chat.TextFingerprint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A model folder as the service's engine. */
public final class LanguageModelEngine implements TextEngine {
  private final BatchedModel model;
  private final ModelTextProcessor processor;
  private final Source source;

  /**
   * Where a model comes from.
   *
   * @param folder of the whole model, or a GGUF file
   * @param text whose chat template and fingerprint are the model's: an adapter that is part of the
   *     model may bring its own
   * @param parameters how many the model has, to be told
   * @param bitsPerByte on held-out text, to be told; null when not known
   * @param adapters reads adapters that are loaded beside the model
   */
  public record Source(
      Path folder,
      Path text,
      long parameters,
      @Nullable Double bitsPerByte,
      Function<Path, ? extends AdapterMatrices> adapters) {
    /** Without adapters. */
    public Source(Path folder, long parameters, @Nullable Double bitsPerByte) {
      this(
          folder,
          folder,
          parameters,
          bitsPerByte,
          adapter -> {
            throw new IllegalArgumentException("nobody reads adapters such as " + adapter);
          });
    }
  }

  private LanguageModelEngine(BatchedModel model, ModelTextProcessor processor, Source source) {
    this.model = model;
    this.processor = processor;
    this.source = source;
  }

  /**
   * Opens a model folder in Hugging Face layout, or a GGUF file.
   *
   * @param options how the model answers
   * @param parameters how many the model has, to be told
   * @param bitsPerByte on held-out text, to be told; null when not known
   */
  public static LanguageModelEngine open(
      Path folder, BatchedModel.Options options, long parameters, @Nullable Double bitsPerByte) {
    return of(BatchedModel.open(folder, options), new Source(folder, parameters, bitsPerByte));
  }

  /** A model that was opened already, as below. */
  public static LanguageModelEngine of(BatchedModel model, Source source) {
    return of(model, source, ModelText.begin(source.folder, source.text));
  }

  /**
   * A model that was opened already.
   *
   * @param model is closed with the engine, also where that can't be made
   * @param text of the source
   */
  public static LanguageModelEngine of(BatchedModel model, Source source, ModelText text) {
    try {
      ModelText.Told told = text.told();
      ModelFacts facts =
          new ModelFacts(
              told.version(),
              told.modified(),
              model.context(),
              model.tokenizer().vocabularySize(),
              told.tokenizerFingerprint(),
              told.textFingerprint(),
              source.parameters,
              source.bitsPerByte);
      return new LanguageModelEngine(
          model, ModelTextProcessor.of(model.tokenizer(), facts, source.text), source);
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  @Override
  public ModelFacts facts() {
    return processor.facts();
  }

  @Override
  public Tokens tokens() {
    return processor.tokens();
  }

  @Override
  public int[] encode(String text) {
    return processor.encode(text);
  }

  @Override
  public int[] encode(Conversation conversation) {
    return processor.encode(conversation);
  }

  @Override
  public boolean hasChatTemplate() {
    return processor.hasChatTemplate();
  }

  @Override
  public @Nullable ToolConvention toolConvention() {
    return processor.toolConvention();
  }

  @Override
  public @Nullable Constraint constraint(AnswerFormat format, String client) {
    return processor.constraint(format, client);
  }

  @Override
  public String text(int[] ids) {
    return processor.text(ids);
  }

  @Override
  public int leadingSpecialTokens() {
    return processor.leadingSpecialTokens();
  }

  /** An adapter that was tuned on conversations brings the template that it was tuned with. */
  @Override
  public TextProcessor addAdapter(String id, Path folder) {
    try (AdapterMatrices matrices = source.adapters.apply(folder)) {
      Path text = ChatTemplates.in(folder) ? folder : source.text;
      ModelFacts facts = processor.facts();
      ModelTextProcessor adapted =
          processor.with(
              new ModelFacts(
                  ModelVersion.of(List.of(source.folder, folder)),
                  modified(folder),
                  facts.contextLength(),
                  facts.vocabularySize(),
                  facts.tokenizerFingerprint(),
                  text.equals(folder)
                      ? TextFingerprint.of(
                              model.tokenizer(),
                              ModelFolder.at(source.folder).specialTokens(),
                              ChatTemplates.open(folder))
                          .value()
                      : facts.textFingerprint(),
                  facts.parameters() + matrices.parameters(),
                  null),
              text);
      model.addAdapter(id, matrices);
      return adapted;
    }
  }

  private static Instant modified(Path folder) {
    try {
      return Files.getLastModifiedTime(folder).toInstant();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void removeAdapter(String id) {
    model.batcher().removeAdapter(id);
  }

  @Override
  public Map<String, String> cacheConfig() {
    return Map.of(
        "block_size",
        String.valueOf(BatchNetwork.BLOCK),
        "num_gpu_blocks",
        String.valueOf(model.batcher().network().blocks()),
        "enable_prefix_caching",
        model.batcher().settings().prefixCache() ? "True" : "False");
  }

  @Override
  public boolean hasRoom(Continuation continuation) {
    return model.batcher().hasRoom(continuation.prompt().length);
  }

  @Override
  public void begin(Continuation continuation, Listener listener) {
    begin(continuation, "", listener);
  }

  @Override
  public void begin(Continuation continuation, String adapter, Listener listener) {
    GenerationRequest request =
        new GenerationRequest(
            new GenerationRequest.Prompt.Ids(Arrays.stream(continuation.prompt()).boxed().toList()),
            continuation.maxTokens(),
            continuation.sampling(),
            continuation.ending().stop(),
            continuation.logprobs(),
            continuation.scorePrompt(),
            continuation.ending().ignoreEos() ? List.of() : null,
            continuation.ending().stopTokenIds(),
            Math.min(continuation.ending().minTokens(), continuation.maxTokens()),
            continuation.constraint());
    model.begin(request, new Telling(listener, request.echo()), adapter);
  }

  @Override
  public void step() {
    model.step();
  }

  @Override
  public void aside(Runnable work) {
    model.batcher().network().aside(work);
  }

  @Override
  public EngineFacts engineFacts() {
    BatchFacts facts = model.batcher().facts();
    return new EngineFacts(
        facts.running(),
        facts.suspended(),
        facts.cacheUse(),
        facts.prefixQueries(),
        facts.prefixHits(),
        facts.preemptions(),
        facts.drafted(),
        facts.accepted(),
        facts.networkNanos() * 1e-9);
  }

  @Override
  public void close() {
    model.close();
  }

  private TokenScore score(int id, double logprob, List<TokenLogprob.Candidate> top) {
    List<Alternative> others = new ArrayList<>();
    for (TokenLogprob.Candidate candidate : top) {
      others.add(new Alternative(candidate.id(), shown(candidate.id()), candidate.logprob()));
    }
    String shown = shown(id);
    return new TokenScore(id, shown, added(id, shown), logprob, others);
  }

  private TokenScore score(TokenLogprob told) {
    Double logprob = told.logprob();
    return score(told.id(), logprob == null ? Double.NaN : logprob, told.top());
  }

  /** A token's text; one that is no whole character as its bytes, so that no two look the same. */
  private String shown(int id) {
    Tokenizer tokenizer = model.tokenizer();
    if (tokenizer.specialIds().contains(id)) {
      return tokenizer.token(id);
    }
    String text = tokenizer.decode(new int[] {id}, true);
    return text.indexOf('\uFFFD') < 0 ? text : TokenBytes.escaped(tokenizer.token(id));
  }

  private byte[] added(int id, String shown) {
    Tokenizer tokenizer = model.tokenizer();
    if (tokenizer.specialIds().contains(id)) {
      return new byte[0];
    }
    byte[] bytes = tokenizer.bytes(id);
    return bytes == null ? TokenBytes.of(shown) : bytes;
  }

  /** Passes on what the model tells; its first word is the prompt where that was asked for. */
  private final class Telling implements BatchListener {
    private final Listener listener;
    private boolean promptComes;

    Telling(Listener listener, boolean promptComes) {
      this.listener = listener;
      this.promptComes = promptComes;
    }

    @Override
    public boolean onPiece(Piece piece) {
      List<TokenScore> scores = new ArrayList<>();
      if (piece.logprobs().isEmpty()) {
        piece
            .ids()
            .forEach(id -> scores.add(new TokenScore(id, "", new byte[0], Double.NaN, List.of())));
      } else {
        piece.logprobs().forEach(told -> scores.add(score(told)));
      }
      if (promptComes) {
        promptComes = false;
        listener.onPrompt(scores);
      } else {
        listener.onPiece(new TextEngine.Piece(piece.text(), scores));
      }
      return listener.wanted();
    }

    @Override
    public void onEnd(Generation generation) {
      listener.onFinish(
          switch (generation.finishReason()) {
            case STOP -> FinishReason.STOP;
            case LENGTH -> FinishReason.LENGTH;
            case CANCELLED -> FinishReason.ABORT;
          });
    }

    @Override
    public void onFailure(Throwable failure) {
      listener.onFailure(failure);
    }
  }
}
