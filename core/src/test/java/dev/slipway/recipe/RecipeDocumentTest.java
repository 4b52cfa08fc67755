package dev.slipway.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.base.binding.Auto;
import dev.slipway.base.binding.ByteSize;
import dev.slipway.base.binding.Variables;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RecipeDocumentTest {
  private static final Path LAUNCH = Path.of("../recipes/launch/recipe.yaml");

  private static final String SMALLEST = "data: { source: { text: notes.txt } }\n";

  private static Recipe parse(String text, String... settings) {
    Variables variables = Map.of("java.home", "/jdk", "env.DATA", "/data")::get;
    return RecipeDocument.parse(text, "recipe.yaml", List.of(settings), variables);
  }

  private static SlipwayException refused(String text, String... settings) {
    SlipwayException thrown =
        catchThrowableOfType(SlipwayException.class, () -> parse(text, settings));
    assertThat(thrown).isNotNull();
    assertThat(thrown.exit()).isEqualTo(Exit.USAGE);
    return thrown;
  }

  @Test
  void theLaunchRecipeIsRead() {
    Recipe recipe = RecipeDocument.read(LAUNCH, List.of());
    assertThat(recipe.name()).isEqualTo("jdk-code");
    assertThat(recipe.budget().time()).isEqualTo(Duration.ofMinutes(8));
    assertThat(recipe.data().source())
        .isEqualTo(
            new DataSettings.Source.Zip(
                System.getProperty("java.home") + "/lib/src.zip",
                List.of("java.base/**/*.java", "java.net.http/**/*.java"),
                List.of()));
    assertThat(recipe.data().clean())
        .containsExactly(
            new DataSettings.CleanStep.Normalise(true, false),
            new DataSettings.CleanStep.StripHeader(DataSettings.Header.LICENCE),
            new DataSettings.CleanStep.Drop(
                Optional.of(new ByteSize(200)), Optional.empty(), true));
    assertThat(recipe.task()).isEqualTo(new TaskSettings.LanguageModelling());
  }

  @Test
  void whatIsLeftOutHasItsDefault() {
    Recipe recipe = parse(SMALLEST);
    assertThat(recipe.seed()).isEqualTo(1337);
    assertThat(recipe.model())
        .isEqualTo(
            new ModelSettings.Gpt(
                Auto.auto(), 256, ModelSettings.Layout.QWEN3, true, 1e-6, 10_000));
    assertThat(recipe.train().checkpoint())
        .isEqualTo(new TrainSettings.Checkpoint(Duration.ofMinutes(1), 2));
    assertThat(recipe.evaluations()).hasSize(5);
  }

  @Test
  void aWrittenRecipeReadsEqual() {
    Recipe recipe =
        parse(
            SMALLEST,
            "model.gpt.size={layers: 4, hidden: 96, heads: 3, key-value-heads: 1}",
            "train.schedule.cosine.minimum=12.5%",
            "train.optimizer={muon: {learning-rate: 0.0123}}",
            "train.validate.every=25 steps",
            "train.early-stopping.patience=3",
            "budget.watts=65.5",
            "data.source={zip: {path: 'a \"b\" $${c}.zip', include: ['*', '007']}}",
            "data.clean=[{drop: {shorter-than: 1.5KiB, generated: true}}, normalise]");
    String text = RecipeDocument.write(recipe);
    assertThat(parse(text)).isEqualTo(recipe);
    assertThat(RecipeDocument.write(parse(text))).isEqualTo(text);
    assertThat(text).contains("    - drop:\n        shorter-than: 1536B\n");
    String launch = RecipeDocument.write(RecipeDocument.read(LAUNCH, List.of()));
    assertThat(RecipeDocument.write(parse(launch))).isEqualTo(launch);
  }

  @Test
  void tenMistakesAreToldInOneGo() {
    String text =
        """
        name: "no spaces please"
        sead: 3
        budget: { time: soon, memory: 12 }
        data:
          source: { zip: "a.zip", include: ["**"] }
          clean: [ { drop: {} }, strip ]
          split: { validation: 60%, test: 40% }
        model: { gpt: { size: { layers: 2, hidden: 130, heads: 4 }, context: 4 } }
        task: language-modeling
        train: { checkpoint: { keep: 0 }, batch: many, optimizer: adan, batch: 3 }
        serve: { port: 70000, host: 127 }
        """;
    SlipwayException thrown = refused(text);
    assertThat(thrown.line())
        .isEqualTo(
            "error[recipe.invalid]: recipe.yaml has 17 mistakes, expected none; "
                + "mend each of the lines that follow");
    assertThat(String.join("\n", thrown.details()))
        .isEqualTo(
            """
            recipe.yaml:1:7: name: "no spaces please", expected 1 to 64 letters, digits, dots, dashes and underscores, a letter or digit first
            recipe.yaml:2:1: sead: an unknown key, expected one of name, seed, budget, data, tokenizer, model, tune, task, train, evaluate, serve; did you mean seed?
            recipe.yaml:3:17: budget.time: "soon", expected a time span such as 60s, 8m or 1h30m
            recipe.yaml:3:31: budget.memory: 12, expected auto or a size such as 200B, 64KiB or 4GiB
            recipe.yaml:5:11: data.source: the keys zip, include, expected exactly one key: { zip: ... }, { folder: ... }, { jsonl: ... }, { text: ... }, { parquet: ... }, { dataset: ... }, { pictures: ... }, { idx: ... }, { table: ... }, { texts: ... }, { records: ... }, { sounds: ... }, { parallel: ... }, { conversations: ... }, { preferences: ... } or { javadoc-conversations: ... }; write { zip: { path: ..., include: ... } }
            recipe.yaml:6:20: data.clean.0.drop.shorter-than: nothing to drop, expected one of shorter-than, longer-than, generated
            recipe.yaml:6:26: data.clean.1: "strip", expected normalise, { strip-header: ... } or drop; did you mean strip-header?
            recipe.yaml:7:12: data.split.validation: 60%, with test 40%, expected at most 90% held out, so that something is left to learn from
            recipe.yaml:8:49: model.gpt.size.heads: 4 for hidden 130, expected a number that divides hidden, or a head-dim
            recipe.yaml:8:70: model.gpt.context: 4, expected a whole number from 8 to 131072
            recipe.yaml:9:7: task: "language-modeling", expected language-modelling, instruction-tuning, preference-tuning, reward-modelling, { binary: ... }, { multi-class: ... }, { multi-label: ... }, { regression: ... }, { tagging: ... }, transcription, sequence-to-sequence, recommendation, { ranking: ... }, span-answering, contrastive or { multi-task: ... }; did you mean language-modelling?
            recipe.yaml:10:30: train.checkpoint.keep: 0, expected a whole number from 1 to 10000
            recipe.yaml:10:42: train.batch: "many", expected auto or a whole number from 1 to 1000000
            recipe.yaml:10:59: train.optimizer: "adan", expected auto or adamw, muon, sgd, adam, rmsprop or adagrad; did you mean adam?
            recipe.yaml:10:65: the key "batch" again, expected each key once
            recipe.yaml:11:16: serve.port: 70000, expected a whole number from 0 to 65535
            recipe.yaml:11:29: serve.host: 127, expected a host name or address; put it in quotes""");
  }

  @Test
  void everyLineSaysWhatCame() {
    assertThat(refused("data: { source: { text: '${env.NOPE}' } }"))
        .hasMessage(
            "recipe.yaml:1:25: data.source.text.path: ${env.NOPE}, which is not set, expected"
                + " ${env.NAME} of a variable that is set, or a Java property such as ${java.home};"
                + " set it, or write the value");
    assertThat(refused(SMALLEST, "train.batch=0"))
        .hasMessage(
            "--set train.batch=0: train.batch: 0, expected auto or a whole number from 1 to"
                + " 1000000; change it there");
    assertThat(refused("")).hasMessageStartingWith("recipe.yaml:1:1: nothing, expected a document");
  }
}
