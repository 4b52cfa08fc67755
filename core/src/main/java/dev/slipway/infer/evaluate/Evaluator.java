package dev.slipway.infer.evaluate;

import dev.slipway.eval.metric.DocumentScore;
import dev.slipway.infer.Continuation;
import dev.slipway.infer.Continuation.Likelihood;
import dev.slipway.infer.Generation;
import dev.slipway.infer.GenerationRequest;
import dev.slipway.infer.LanguageModel;
import dev.slipway.infer.Sampling;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleConsumer;
import java.util.function.ToDoubleFunction;

/**
 * Measures a language model on tasks, with the numbers of lm-evaluation-harness 0.4.13 (Gao et al.
 * 2021; Biderman et al. 2024, "Lessons from the Trenches on Reproducible Evaluation of Language
 * Models").
 */
public final class Evaluator {
  private static final long SEED = 1337;

  private final LanguageModel model;
  private final Path folder;
  private final Asking asking;
  private final Encoding encoding;

  /**
   * @param folder of the model, for its special tokens and chat template
   */
  public Evaluator(LanguageModel model, Path folder, Asking asking) {
    this.model = model;
    this.folder = folder;
    this.asking = asking;
    encoding = new Encoding(model, folder);
  }

  /**
   * @param progress is told the share done
   * @throws dev.slipway.base.SlipwayException where the task and its files don't fit together
   */
  public TaskResult run(EvalTask task, DoubleConsumer progress) {
    long start = System.nanoTime();
    List<Item> items = Items.of(task, asking, folder);
    List<ItemScore> scores =
        switch (task.measured()) {
          case MULTIPLE_CHOICE -> multipleChoice(task, items, progress);
          case LIKELIHOOD -> likelihood(task, items, progress);
          case GENERATE -> generate(task, items, progress);
          case TEXT ->
              task.stride().isPresent()
                  ? strided(items, task.stride().get(), progress)
                  : rolling(items, progress);
        };
    return new TaskResult(
        task.name(), task.measured(), scores, (System.nanoTime() - start) / 1e9, SEED);
  }

  // ---- multiple choice ----

  private List<ItemScore> multipleChoice(EvalTask task, List<Item> items, DoubleConsumer progress) {
    String delimiter = asking.chat() ? "" : task.delimiter();
    List<Continuation> requests = new ArrayList<>();
    for (Item item : items) {
      for (int i = 0; i < item.choices().size(); i++) {
        requests.add(
            task.continuation().isPresent()
                ? encoding.pair(item.contexts().get(i), delimiter + item.continuation())
                : encoding.pair(item.context(), delimiter + item.choices().get(i)));
      }
    }
    List<Likelihood> found = model.likelihoods(requests, progress);
    List<ItemScore> scores = new ArrayList<>();
    int at = 0;
    for (Item item : items) {
      List<Double> logprobs =
          found.subList(at, at + item.choices().size()).stream().map(Likelihood::logprob).toList();
      at += item.choices().size();
      scores.add(
          new ItemScore(
              logprobs,
              "",
              item.choices().get(item.right().getFirst()),
              List.of(
                  hit(item, logprobs, choice -> 1),
                  hit(item, logprobs, choice -> choice.codePointCount(0, choice.length())),
                  hit(item, logprobs, choice -> choice.getBytes(StandardCharsets.UTF_8).length)),
              List.of(1.0, 1.0, 1.0)));
    }
    return scores;
  }

  /** 1 where a right choice has the largest likelihood a unit, of equals the first. */
  private static double hit(Item item, List<Double> logprobs, ToDoubleFunction<String> units) {
    int best = 0;
    double most = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < logprobs.size(); i++) {
      double value = logprobs.get(i) / units.applyAsDouble(item.choices().get(i));
      if (value > most) {
        most = value;
        best = i;
      }
    }
    return item.right().contains(best) ? 1 : 0;
  }

  // ---- likelihood ----

  private List<ItemScore> likelihood(EvalTask task, List<Item> items, DoubleConsumer progress) {
    String delimiter = asking.chat() ? "" : task.delimiter();
    List<Continuation> requests =
        items.stream()
            .map(item -> encoding.pair(item.context(), delimiter + item.answers().getFirst()))
            .toList();
    List<Likelihood> found = model.likelihoods(requests, progress);
    List<ItemScore> scores = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      Likelihood one = found.get(i);
      scores.add(
          new ItemScore(
              List.of(one.logprob()),
              "",
              items.get(i).answers().getFirst(),
              List.of(one.greedy() ? 1.0 : 0.0, -one.logprob()),
              List.of(1.0, 1.0)));
    }
    return scores;
  }

  // ---- generation ----

  private List<ItemScore> generate(EvalTask task, List<Item> items, DoubleConsumer progress) {
    ExactMatch match = new ExactMatch(task.match());
    int most = Math.min(task.generate().maxTokens(), model.context() - 1);
    List<ItemScore> scores = new ArrayList<>();
    for (Item item : items) {
      int[] ids = encoding.ids(item.context());
      int room = model.context() - most;
      int[] kept = ids.length > room ? Arrays.copyOfRange(ids, ids.length - room, ids.length) : ids;
      Generation generation =
          model.generate(
              GenerationRequest.of(
                      new GenerationRequest.Prompt.Ids(Arrays.stream(kept).boxed().toList()),
                      most,
                      Sampling.GREEDY)
                  .withStop(task.generate().until()));
      boolean right = match.matches(match.extracted(generation.text()), item.answers());
      scores.add(
          new ItemScore(
              List.of(),
              generation.text(),
              item.answers().getFirst(),
              List.of(right ? 1.0 : 0.0),
              List.of(1.0)));
      progress.accept((double) scores.size() / items.size());
    }
    return scores;
  }

  // ---- texts ----

  /**
   * Texts in windows that share one token, each token scored once, the first behind the token that
   * begins texts.
   *
   * @param progress is told the share done
   */
  public List<DocumentScore> documents(List<String> texts, DoubleConsumer progress) {
    List<Continuation> requests = new ArrayList<>();
    List<Integer> owners = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      int[] ids = encoding.ids(texts.get(i));
      for (int from = 0; from < ids.length; from += model.context()) {
        int to = Math.min(ids.length, from + model.context());
        requests.add(
            from == 0
                ? new Continuation(new int[] {encoding.first()}, Arrays.copyOf(ids, to))
                : window(ids, from, to));
        owners.add(i);
      }
    }
    List<Likelihood> found = model.likelihoods(requests, progress);
    double[] nats = new double[texts.size()];
    long[] tokens = new long[texts.size()];
    long[] hits = new long[texts.size()];
    for (int i = 0; i < found.size(); i++) {
      nats[owners.get(i)] -= found.get(i).logprob();
      tokens[owners.get(i)] += found.get(i).tokens();
      hits[owners.get(i)] += found.get(i).hits();
    }
    List<DocumentScore> scores = new ArrayList<>();
    for (int i = 0; i < nats.length; i++) {
      long bytes = texts.get(i).getBytes(StandardCharsets.UTF_8).length;
      scores.add(
          new DocumentScore("document-" + i, Math.max(0, nats[i]), tokens[i], hits[i], bytes));
    }
    return scores;
  }

  private List<ItemScore> rolling(List<Item> items, DoubleConsumer progress) {
    List<String> texts = items.stream().map(item -> item.answers().getFirst()).toList();
    List<DocumentScore> documents = documents(texts, progress);
    double[] nats = documents.stream().mapToDouble(DocumentScore::nats).toArray();
    double[] tokens = documents.stream().mapToDouble(DocumentScore::tokens).toArray();
    return textScores(items, nats, nats, tokens);
  }

  /** A last window reaches back as far as the context does. */
  private Continuation window(int[] ids, int from, int to) {
    int begin = Math.max(0, to - model.context() - 1);
    return new Continuation(
        Arrays.copyOfRange(ids, begin, from), Arrays.copyOfRange(ids, from, to));
  }

  /**
   * Windows of the context's length from 0, stride, 2 stride …, in each of which the tokens count
   * that the one before did not reach. As the page "Perplexity of fixed-length models" of
   * transformers' documentation, which weighs a window's mean by one token less than it has.
   */
  private List<ItemScore> strided(List<Item> items, int stride, DoubleConsumer progress) {
    List<Continuation> requests = new ArrayList<>();
    List<Integer> owners = new ArrayList<>();
    List<Integer> weights = new ArrayList<>(); // the documentation's number of tokens of a window
    int context = model.context();
    for (int i = 0; i < items.size(); i++) {
      int[] ids = encoding.ids(items.get(i).answers().getFirst());
      int reached = 0;
      for (int begin = 0; begin < ids.length && reached < ids.length; begin += stride) {
        int end = Math.min(begin + context, ids.length);
        int from = Math.max(reached, begin + 1);
        if (from < end) {
          requests.add(
              new Continuation(
                  Arrays.copyOfRange(ids, begin, from), Arrays.copyOfRange(ids, from, end)));
          owners.add(i);
          weights.add(end - reached - 1);
        }
        reached = end;
      }
    }
    List<Likelihood> found = model.likelihoods(requests, progress);
    double[] nats = new double[items.size()];
    double[] weighted = new double[items.size()];
    double[] tokens = new double[items.size()];
    for (int i = 0; i < found.size(); i++) {
      int item = owners.get(i);
      Likelihood one = found.get(i);
      nats[item] -= one.logprob();
      weighted[item] -= one.logprob() / one.tokens() * weights.get(i);
      tokens[item] += weights.get(i);
    }
    return textScores(items, weighted, nats, tokens);
  }

  private static List<ItemScore> textScores(
      List<Item> items, double[] tokenNats, double[] nats, double[] tokens) {
    List<ItemScore> scores = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      String text = items.get(i).answers().getFirst();
      double bytes = text.getBytes(StandardCharsets.UTF_8).length;
      scores.add(
          new ItemScore(
              List.of(-nats[i]),
              "",
              "",
              List.of(tokenNats[i], nats[i], nats[i], nats[i]),
              List.of(tokens[i], (double) Spaces.pieces(text), bytes, bytes)));
    }
    return scores;
  }
}
