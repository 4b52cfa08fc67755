package dev.slipway.platform.server;

import dev.slipway.infer.GenerationRequest;
import dev.slipway.infer.Sampling;
import dev.slipway.infer.TokenLogprob;
import dev.slipway.infer.batch.BatchFacts;
import dev.slipway.infer.batch.BatchListener;
import dev.slipway.infer.batch.BatchedModel;
import dev.slipway.infer.grammar.AnswerFormat;
import dev.slipway.infer.grammar.Constraint;
import dev.slipway.infer.grammar.Constraints;
import dev.slipway.model.ModelFiles;
import dev.slipway.model.pretrained.ModelFolder;
import dev.slipway.platform.toolcall.ToolConvention;
import dev.slipway.tokenizer.Tokenizer;
import dev.slipway.tokenizer.chat.ChatTemplates;
import dev.slipway.tokenizer.chat.ChatTokenizer;
import dev.slipway.tokenizer.chat.Conversation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A model folder as the service's engine. */
public final class LanguageModelEngine implements TextEngine {
  private final BatchedModel model;
  private final ModelFacts facts;
  private final int leadingSpecialTokens;
  private final Supplier<ChatTemplates> templates;
  private final boolean hasTemplates;
  private final Constraints constraints;

  /**
   * @param model is closed with this engine
   * @param templates of conversations; throws where the model has none
   * @param hasTemplates whether it has
   */
  public LanguageModelEngine(
      BatchedModel model,
      ModelFacts facts,
      Supplier<ChatTemplates> templates,
      boolean hasTemplates) {
    this.model = model;
    this.facts = facts;
    this.templates = templates;
    this.hasTemplates = hasTemplates;
    this.constraints = new Constraints(model.tokenizer());
    Tokenizer tokenizer = model.tokenizer();
    this.leadingSpecialTokens = tokenizer.encodeWithSpecialTokens("").length;
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
    return of(BatchedModel.open(folder, options), folder, parameters, bitsPerByte);
  }

  /**
   * A model that was opened already.
   *
   * @param model is closed with the engine, also where that can't be made
   * @param folder whose chat template and fingerprint are the model's
   * @param parameters as in {@link #open}
   * @param bitsPerByte as in {@link #open}
   */
  public static LanguageModelEngine of(
      BatchedModel model, Path folder, long parameters, @Nullable Double bitsPerByte) {
    return of(model, folder, folder, parameters, bitsPerByte);
  }

  /**
   * A model with an adapter, which may bring a chat template of its own.
   *
   * @param model is closed with the engine, also where that can't be made
   * @param folder of the whole model
   * @param text whose chat template and fingerprint are the model's
   * @param parameters as in {@link #open}
   * @param bitsPerByte as in {@link #open}
   */
  public static LanguageModelEngine of(
      BatchedModel model, Path folder, Path text, long parameters, @Nullable Double bitsPerByte) {
    try {
      return new LanguageModelEngine(
          model,
          new ModelFacts(
              ModelFolder.at(folder).modified(),
              model.context(),
              model.tokenizer().vocabularySize(),
              model.tokenizer().fingerprint(),
              ModelFolder.at(text).textFingerprint().value(),
              parameters,
              bitsPerByte),
          templates(text),
          ModelFolder.at(text).hasChatTemplates());
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /** A malformed template is told when the service starts; none, when it is asked for. */
  private static Supplier<ChatTemplates> templates(Path folder) {
    ModelFiles files = ModelFolder.at(folder);
    if (files.hasChatTemplates()) {
      ChatTemplates templates = files.chatTemplates();
      return () -> templates;
    }
    return files::chatTemplates;
  }

  @Override
  public ModelFacts facts() {
    return facts;
  }

  @Override
  public Tokens tokens() {
    return Tokens.of(model.tokenizer(), facts.contextLength());
  }

  @Override
  public int[] encode(String text) {
    return model.tokenizer().encodeWithSpecialTokens(text);
  }

  @Override
  public int[] encode(Conversation conversation) {
    return new ChatTokenizer(model.tokenizer(), templates.get()).encode(conversation).ids();
  }

  @Override
  public boolean hasChatTemplate() {
    return hasTemplates;
  }

  @Override
  public @Nullable ToolConvention toolConvention() {
    if (!hasTemplates) {
      return null;
    }
    return ToolConvention.of(templates.get().forTools().source());
  }

  @Override
  public @Nullable Constraint constraint(AnswerFormat format) {
    return constraints.of(format);
  }

  @Override
  public String text(int[] ids) {
    return model.tokenizer().decode(ids, true);
  }

  @Override
  public int leadingSpecialTokens() {
    return leadingSpecialTokens;
  }

  @Override
  public boolean hasRoom(Generation generation) {
    return model.batcher().hasRoom(generation.prompt().length);
  }

  @Override
  public void begin(Generation generation, Listener listener) {
    GenerationRequest request =
        new GenerationRequest(
            new GenerationRequest.Prompt.Ids(Arrays.stream(generation.prompt()).boxed().toList()),
            generation.maxTokens(),
            new Sampling(
                generation.temperature(),
                generation.topK(),
                // OpenAI allows 0, which leaves the likeliest token alone.
                Math.max(generation.topP(), Double.MIN_NORMAL),
                generation.minP(),
                generation.repetitionPenalty(),
                generation.seed()),
            generation.stop(),
            generation.logprobs(),
            generation.scorePrompt(),
            null,
            generation.constraint());
    model.begin(request, new Telling(listener, request.echo()));
  }

  @Override
  public void step() {
    model.step();
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
    return new TokenScore(id, shown(id), logprob, others);
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
        piece.ids().forEach(id -> scores.add(new TokenScore(id, "", Double.NaN, List.of())));
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
    public void onEnd(dev.slipway.infer.Generation generation) {
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
