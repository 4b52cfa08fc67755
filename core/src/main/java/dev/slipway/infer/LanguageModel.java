package dev.slipway.infer;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.model.ModelFiles;
import dev.slipway.model.gpt.SpecialIds;
import dev.slipway.model.pretrained.ModelFolder;
import dev.slipway.model.pretrained.PretrainedDecoder;
import dev.slipway.tensor.DType;
import dev.slipway.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.DoubleConsumer;

/**
 * A model with its tokenizer, ready to continue and to score texts. Any thread may ask, virtual
 * ones too; one platform thread of its own does the work, request after request.
 */
public final class LanguageModel implements AutoCloseable {
  private final Tokenizer tokenizer;
  private final SpecialIds ids;
  private final Decoder decoder;
  private final ExecutorService thread;

  private LanguageModel(
      Tokenizer tokenizer, SpecialIds ids, Decoder decoder, ExecutorService thread) {
    this.tokenizer = tokenizer;
    this.ids = ids;
    this.decoder = decoder;
    this.thread = thread;
  }

  /** Opens a model folder in Hugging Face layout, or a GGUF file, computing in float32. */
  public static LanguageModel open(Path folder) {
    return open(folder, DType.FLOAT32);
  }

  /**
   * @param computeType of matrix products, FLOAT32 or BFLOAT16
   */
  public static LanguageModel open(Path folder, DType computeType) {
    ModelFiles files = ModelFolder.at(folder);
    files.checkFingerprint();
    Tokenizer tokenizer = files.tokenizer();
    return onItsThread(
        thread -> {
          requireFitting(tokenizer, files, folder);
          PretrainedDecoder opened = PretrainedDecoder.open(files, computeType);
          return new LanguageModel(tokenizer, opened.ids(), new NetworkDecoder(opened), thread);
        });
  }

  /**
   * @param folder as it is called in an error
   * @throws SlipwayException {@code model.tokenizer-mismatch} where a tokenizer has ids that the
   *     model in the folder lacks
   */
  public static void requireFitting(Tokenizer tokenizer, ModelFiles files, Path folder) {
    int vocabulary = PretrainedDecoder.config(files).shape().vocabularySize();
    ModelFolder.requireFitting(folder, ordinaryIds(tokenizer), vocabulary);
  }

  /** One above the last id that is no special token's: models need no rows for all of those. */
  private static int ordinaryIds(Tokenizer tokenizer) {
    List<Integer> special = tokenizer.specialIds();
    int size = tokenizer.vocabularySize();
    while (size > 0 && special.contains(size - 1)) {
      size--;
    }
    return size;
  }

  /**
   * A model from parts; {@code decoder} is made on the model's thread and closed with the model.
   */
  public static LanguageModel of(
      Tokenizer tokenizer, SpecialIds ids, java.util.function.Supplier<Decoder> decoder) {
    return onItsThread(thread -> new LanguageModel(tokenizer, ids, decoder.get(), thread));
  }

  private static LanguageModel onItsThread(
      java.util.function.Function<ExecutorService, LanguageModel> making) {
    ExecutorService thread =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("slipway-model").daemon().factory());
    try {
      return await(thread.submit(() -> making.apply(thread)), new AtomicBoolean());
    } catch (RuntimeException | Error e) {
      thread.shutdown();
      throw e;
    }
  }

  public Tokenizer tokenizer() {
    return tokenizer;
  }

  public SpecialIds specialIds() {
    return ids;
  }

  /** The longest sequence, prompt and answer together. */
  public int context() {
    return decoder.context();
  }

  /** The ids that a prompt comes to. */
  public List<Integer> promptIds(GenerationRequest.Prompt prompt) {
    return promptIds(tokenizer, prompt);
  }

  /** The ids that a prompt comes to. */
  public static List<Integer> promptIds(Tokenizer tokenizer, GenerationRequest.Prompt prompt) {
    return switch (prompt) {
      case GenerationRequest.Prompt.Text(String text) ->
          Arrays.stream(tokenizer.encodeWithSpecialTokens(text)).boxed().toList();
      case GenerationRequest.Prompt.Ids(List<Integer> given) -> given;
    };
  }

  /**
   * Continues a prompt; waits until it is done. Interrupting the waiting thread cancels it.
   *
   * @throws SlipwayException {@code generate.empty-prompt}, {@code generate.bad-id} or {@code
   *     generate.prompt-too-long}
   */
  public Generation generate(GenerationRequest request, TokenListener listener) {
    List<Integer> prompt = promptIds(request.prompt());
    check(prompt, decoder.vocabularySize(), context());
    List<Integer> eos = request.eosIds() == null ? ids.eos() : request.eosIds();
    AtomicBoolean cancelled = new AtomicBoolean();
    return run(
        () ->
            new GenerationRun(
                    decoder,
                    new OngoingGeneration(
                        tokenizer,
                        request,
                        prompt,
                        eos,
                        context(),
                        listener,
                        cancelled::get,
                        new SamplingRoom()))
                .run(),
        cancelled);
  }

  public Generation generate(GenerationRequest request) {
    return generate(request, TokenListener.NONE);
  }

  /**
   * @throws SlipwayException {@code generate.empty-prompt}, {@code generate.bad-id} or {@code
   *     generate.prompt-too-long}
   */
  public static void check(List<Integer> prompt, int vocabularySize, int context) {
    if (prompt.isEmpty()) {
      throw new SlipwayException(
          Exit.USAGE,
          "generate.empty-prompt",
          "the prompt came to no tokens, expected at least one",
          "give some text");
    }
    for (int id : prompt) {
      checkId(id, vocabularySize);
    }
    if (prompt.size() > context) {
      throw new SlipwayException(
          Exit.USAGE,
          "generate.prompt-too-long",
          "the prompt has " + prompt.size() + " tokens, expected at most " + context,
          "shorten it to the model's context");
    }
  }

  /** Scores a text in windows of the model's context that advance by half of it. */
  public Score score(String text) {
    return score(text, Math.max(1, context() / 2));
  }

  /**
   * Scores a text. The first window is as long as the context; each further one advances by {@code
   * stride}, and only its last {@code stride} tokens count, so that each is seen with at least
   * {@code context - stride} tokens before it, and each counts once.
   *
   * @param stride from 1 to the context
   */
  public Score score(String text, int stride) {
    if (stride < 1 || stride > context()) {
      throw new SlipwayException(
          Exit.USAGE,
          "score.bad-stride",
          "the stride is " + stride + ", expected 1 to " + context(),
          "choose a stride in that range");
    }
    int[] tokens = tokenizer.encodeWithSpecialTokens(text);
    List<Double> logprobs =
        tokens.length < 2 ? List.of() : run(() -> windows(tokens, stride), new AtomicBoolean());
    long bytes = text.getBytes(StandardCharsets.UTF_8).length;
    return new Score(Arrays.stream(tokens).boxed().toList(), logprobs, bytes);
  }

  private List<Double> windows(int[] tokens, int stride) {
    List<Double> logprobs = new ArrayList<>();
    int scored = 0; // predictions so far; prediction i is of token i + 1
    int predictions = tokens.length - 1;
    while (scored < predictions) {
      int end = Math.min(predictions, scored == 0 ? context() : scored + stride);
      int begin = Math.max(0, end - context());
      // The last target goes in as well: rotary positions may depend on how long a sequence is.
      int last = Math.min(end + 1, begin + context());
      try (Decoder.Session session = decoder.open(last - begin)) {
        float[] window =
            session.extendAndScore(
                Arrays.copyOfRange(tokens, begin, last),
                Arrays.copyOfRange(tokens, begin + 1, last + 1));
        for (int i = scored; i < end; i++) {
          logprobs.add((double) window[i - begin]);
        }
      }
      scored = end;
    }
    return logprobs;
  }

  /**
   * How likely each continuation is, in the order of the requests. Contexts lose their first ids
   * where the model takes fewer, as lm-evaluation-harness has it.
   *
   * @param progress is told the share done, on the model's thread
   */
  public List<Continuation.Likelihood> likelihoods(
      List<Continuation> requests, DoubleConsumer progress) {
    for (Continuation request : requests) {
      checkIds(request.context());
      checkIds(request.ids());
      if (request.ids().length > context()) {
        throw new SlipwayException(
            Exit.INPUT,
            "score.continuation-too-long",
            "a continuation has "
                + request.ids().length
                + " tokens, expected at most the model's context of "
                + context(),
            "shorten it");
      }
    }
    return run(() -> decoder.likelihoods(requests, progress), new AtomicBoolean());
  }

  private void checkIds(int[] given) {
    for (int id : given) {
      checkId(id, decoder.vocabularySize());
    }
  }

  private static void checkId(int id, int vocabularySize) {
    if (id < 0 || id >= vocabularySize) {
      throw new SlipwayException(
          Exit.USAGE,
          "generate.bad-id",
          "the prompt has the id " + id + ", expected 0 to " + (vocabularySize - 1),
          "use ids of this model's tokenizer");
    }
  }

  private <T> T run(Callable<T> work, AtomicBoolean cancelled) {
    return await(thread.submit(work), cancelled);
  }

  /** Waits for work to end, also when interrupted: then it is told, and ends early. */
  private static <T> T await(Future<T> future, AtomicBoolean cancelled) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return future.get();
        } catch (InterruptedException e) {
          interrupted = true;
          cancelled.set(true);
        } catch (ExecutionException e) {
          switch (e.getCause()) {
            case RuntimeException problem -> throw problem;
            case Error problem -> throw problem;
            case null, default -> throw new IllegalStateException(e);
          }
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Waits for the request at work, then frees the model. */
  @Override
  public void close() {
    if (thread.isShutdown()) {
      return;
    }
    try {
      run(
          () -> {
            decoder.close();
            return true;
          },
          new AtomicBoolean());
    } finally {
      thread.shutdown();
    }
  }
}
