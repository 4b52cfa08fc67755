package dev.slipway.recipe;

import dev.slipway.base.binding.Auto;
import dev.slipway.base.binding.ByteSize;
import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.InvalidSetting;
import dev.slipway.base.binding.Matches;
import dev.slipway.base.binding.Range;
import dev.slipway.tune.TuningMethod;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The document that is a run. Settings may be {@code auto}; a resolved recipe has none left and
 * reproduces the run.
 */
@Doc("A run: from data to a served model")
public record Recipe(
    @Doc("What the run and its model are called; part of folder names")
        @Default("model")
        @Matches(
            value = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
            expected =
                "1 to 64 letters, digits, dots, dashes and underscores, a letter or digit first")
        String name,
    @Doc("Where all randomness of the run starts") @Default("1337") long seed,
    @Doc("What may be spent") @Default("{}") Budget budget,
    @Doc("What is learnt from, and what happens to it first") DataSettings data,
    @Doc("How text becomes ids; a pretrained model brings its own") @Default("bpe")
        TokenizerSettings tokenizer,
    @Doc("The network") @Default("gpt") ModelSettings model,
    @Doc("What of a pretrained model learns") @Default("full") TuningMethod tune,
    @Doc("What is learnt") @Default("language-modelling") TaskSettings task,
    @Doc("How it is learnt") @Default("{}") TrainSettings train,
    @Doc("What is measured on the test split afterwards; auto is what the task has")
        @Default("auto")
        Auto<List<EvaluateSettings>> evaluate,
    @Doc("How the model is served") @Default("{}") ServeSettings serve) {

  public Recipe {
    boolean language = task instanceof TaskSettings.LanguageModelling;
    boolean preferring =
        task instanceof TaskSettings.PreferenceTuning
            || task instanceof TaskSettings.RewardModelling;
    boolean conversing = preferring || task instanceof TaskSettings.InstructionTuning;
    boolean pretrained = model instanceof ModelSettings.Pretrained;
    if (conversing && !pretrained) {
      throw new InvalidSetting(
          "model",
          "a new network to tune on conversations",
          "model: { pretrained: { path: ... } }, a published model or one of Slipway's own");
    }
    if (!pretrained && language != model instanceof ModelSettings.Gpt) {
      throw new InvalidSetting(
          "model",
          "a network for " + (language ? "tasks of examples" : "language modelling"),
          language
              ? "gpt or pretrained, since the task is language-modelling"
              : "a network such as sequential");
    }
    if (!pretrained && !tune.equals(TuningMethod.Full.ALL)) {
      throw new InvalidSetting(
          "tune", "a way of tuning for a new network", "full, or model: { pretrained: ... }");
    }
    if (pretrained && tokenizer instanceof TokenizerSettings.Bpe bpe) {
      if (!bpe.equals(TokenizerSettings.Bpe.USUAL)) {
        throw new InvalidSetting(
            "tokenizer", "a tokenizer to train", "of-model, since the model is pretrained");
      }
      tokenizer = new TokenizerSettings.OfModel();
    }
    if (!pretrained && tokenizer instanceof TokenizerSettings.OfModel) {
      throw new InvalidSetting("tokenizer", "of-model for a new network", "bpe");
    }
    boolean conversations = data.source() instanceof DataSettings.ConversationSource;
    boolean preferences = data.source() instanceof DataSettings.ConversationSource.Preferences;
    if (conversing && (!conversations || preferring != preferences)) {
      throw new InvalidSetting(
          "data",
          "a source of "
              + (preferences
                  ? "preferences"
                  : "no " + (preferring ? "preferences" : "conversations")),
          preferring
              ? "data: { source: { preferences: { path: ... } } }, since the task is preference-tuning"
              : "data: { source: { conversations: { path: ... } } }, or javadoc-conversations, since the task is instruction-tuning");
    }
    if (!conversing && conversations) {
      throw new InvalidSetting(
          "task",
          "no task that learns of " + (preferences ? "preferences" : "conversations"),
          (preferences ? "preference-tuning" : "instruction-tuning")
              + ", since data.source has them");
    }
    if (!conversing && language == data.source() instanceof DataSettings.ExampleSource) {
      throw new InvalidSetting(
          "data",
          "a source of " + (language ? "examples" : "documents"),
          language
              ? "one of zip, folder, jsonl, text and parquet, since the task is language-modelling"
              : "one of dataset, pictures, idx, table, texts, records, sounds and parallel, since"
                  + " the task is learnt of examples");
    }
    Set<Class<?>> seen = new HashSet<>();
    for (EvaluateSettings one : evaluate.orElse(List.of())) {
      if (!seen.add(one.getClass())) {
        throw new InvalidSetting("evaluate", "the same kind twice", "each kind once");
      }
    }
  }

  /** Whether what is learnt are examples, not text. */
  public boolean learnsExamples() {
    return task instanceof TaskSettings.Examples;
  }

  /** What may be spent on a run. */
  public record Budget(
      @Doc("Time from the first read to the packaged model; the size of the model follows from it")
          @Default("8m")
          Duration time,
      @Doc("Memory that the process may take; auto is what the machine or container leaves free")
          @Default("auto")
          Auto<ByteSize> memory,
      @Doc("Price of an hour of this machine, in the currency of your choice")
          @Default("0")
          @Range(min = 0, max = 1e6)
          double pricePerHour,
      @Doc("Power that the machine draws at work, in watts; auto estimates it from the cores")
          @Default("auto")
          @Range(min = 0, max = 1e6)
          Auto<Double> watts) {}

  /** What is measured: as given, or what the task has by default. */
  public List<EvaluateSettings> evaluations() {
    return evaluate.orElse(
        model instanceof ModelSettings.Pretrained && !learnsExamples()
            ? List.of(
                new EvaluateSettings.BitsPerByte(),
                new EvaluateSettings.Perplexity(),
                new EvaluateSettings.Accuracy(),
                new EvaluateSettings.Samples(4, 120, 0.7))
            : task instanceof TaskSettings.LanguageModelling
                ? List.of(
                    new EvaluateSettings.BitsPerByte(),
                    new EvaluateSettings.Perplexity(),
                    new EvaluateSettings.Accuracy(),
                    new EvaluateSettings.Yardsticks(),
                    new EvaluateSettings.Samples(4, 120, 0.7))
                : List.of(
                    new EvaluateSettings.Metrics(),
                    new EvaluateSettings.Yardsticks(),
                    new EvaluateSettings.Errors(12)));
  }

  /** The measurement of a kind, where it is asked for. */
  public <T extends EvaluateSettings> Optional<T> evaluation(Class<T> kind) {
    return evaluations().stream().filter(kind::isInstance).map(kind::cast).findFirst();
  }

  public Recipe withEvaluate(List<EvaluateSettings> evaluate) {
    return new Recipe(
        name, seed, budget, data, tokenizer, model, tune, task, train, Auto.of(evaluate), serve);
  }

  public Recipe withData(DataSettings data) {
    return new Recipe(
        name, seed, budget, data, tokenizer, model, tune, task, train, evaluate, serve);
  }

  public Recipe withTokenizer(TokenizerSettings tokenizer) {
    return new Recipe(
        name, seed, budget, data, tokenizer, model, tune, task, train, evaluate, serve);
  }

  public Recipe withModel(ModelSettings model) {
    return new Recipe(
        name, seed, budget, data, tokenizer, model, tune, task, train, evaluate, serve);
  }

  public Recipe withTask(TaskSettings task) {
    return new Recipe(
        name, seed, budget, data, tokenizer, model, tune, task, train, evaluate, serve);
  }

  public Recipe withTrain(TrainSettings train) {
    return new Recipe(
        name, seed, budget, data, tokenizer, model, tune, task, train, evaluate, serve);
  }

  public Recipe withBudget(Budget budget) {
    return new Recipe(
        name, seed, budget, data, tokenizer, model, tune, task, train, evaluate, serve);
  }
}
