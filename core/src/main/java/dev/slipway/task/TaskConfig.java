package dev.slipway.task;

import dev.slipway.base.binding.Auto;
import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.InvalidSetting;
import dev.slipway.base.binding.Range;
import dev.slipway.data.column.Scaling;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.feature.FeatureConfig;
import dev.slipway.data.feature.Keep;
import dev.slipway.nn.loss.Loss;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What is learnt of examples, as a recipe asks for it. */
public sealed interface TaskConfig {
  /** The fields that are learnt. */
  List<String> targets();

  /** The inputs of a recipe that names none: all that the fields' kinds tell. */
  default List<FeatureConfig> inputs(ExampleSet shown, int[] training) {
    return FeatureConfig.inferred(shown, training, targets());
  }

  /**
   * Finds classes and scales in the training split.
   *
   * @param training examples to fit on
   * @throws dev.slipway.base.SlipwayException if the target is missing, of another kind, or has
   *     nothing to learn; codes {@code task.…} and {@code data.field-…}
   */
  default FittedTask fit(ExampleSet examples, int[] training) {
    return TaskFitting.fit(this, examples, training);
  }

  /** A task with one target and one output: it can be one of several. */
  sealed interface OfOneHead extends TaskConfig {
    /** The field that is learnt. */
    String target();

    @Override
    default List<String> targets() {
      return List.of(target());
    }
  }

  @Doc("One of two classes, by one output")
  record Binary(
      @Doc("The field with the class") String target,
      @Doc("The class whose probability is told; auto takes the second by name or number")
          @Default("auto")
          Auto<String> positive,
      @Doc("The answer is the positive class from this probability up")
          @Default("0.5")
          @Range(min = 0, max = 1)
          double threshold,
      @Doc("What training makes small; auto is binary-cross-entropy") @Default("auto")
          Auto<Loss> loss)
      implements OfOneHead {
    public Binary {
      only(loss, "binary-cross-entropy", Loss.BinaryCrossEntropy.class);
    }

    public static Binary of(String target) {
      return new Binary(target, Auto.auto(), 0.5, Auto.auto());
    }
  }

  @Doc("One of several classes, by an output for each")
  record MultiClass(
      @Doc("The field with the class") String target,
      @Doc("What training makes small; auto is cross-entropy") @Default("auto") Auto<Loss> loss)
      implements OfOneHead {
    public MultiClass {
      only(loss, "cross-entropy", Loss.CrossEntropy.class);
    }

    public static MultiClass of(String target) {
      return new MultiClass(target, Auto.auto());
    }
  }

  @Doc("Any of several labels, by an output for each")
  record MultiLabel(
      @Doc("The field with the labels") String target,
      @Doc("What parts the labels where the field is text") @Default("\"|\"") String separator,
      @Doc("A label is told from this probability up") @Default("0.5") @Range(min = 0, max = 1)
          double threshold,
      @Doc("What training makes small; auto is binary-cross-entropy") @Default("auto")
          Auto<Loss> loss)
      implements OfOneHead {
    public MultiLabel {
      only(loss, "binary-cross-entropy", Loss.BinaryCrossEntropy.class);
    }

    public static MultiLabel of(String target) {
      return new MultiLabel(target, "|", 0.5, Auto.auto());
    }
  }

  @Doc("A number")
  record Regression(
      @Doc("The field with the number") String target,
      @Doc("The range in which the network learns it; answers are in its own unit")
          @Default("standard")
          Scaling scaling,
      @Doc("Whether answers stay within the training targets, as those of ratings do")
          @Default("false")
          boolean clip,
      @Doc("What training makes small; auto is mse") @Default("auto") Auto<Loss> loss)
      implements OfOneHead {
    public Regression {
      only(loss, "mse, mae or huber", Loss.Mse.class, Loss.Mae.class, Loss.Huber.class);
    }

    public static Regression of(String target) {
      return new Regression(target, new Scaling.Standard(), false, Auto.auto());
    }
  }

  @Doc("A tag for each token of a sequence")
  record Tagging(
      @Doc("The field with the tags") String target,
      @Doc("The field with the tokens, parted by blanks") @Default("text") String tokens,
      @Doc("What training makes small; auto is cross-entropy") @Default("auto") Auto<Loss> loss)
      implements OfOneHead {
    public Tagging {
      only(loss, "cross-entropy", Loss.CrossEntropy.class);
    }

    public static Tagging of(String target, String tokens) {
      return new Tagging(target, tokens, Auto.auto());
    }
  }

  @Doc("A text from speech, letter by letter, without the letters' places")
  record Transcription(
      @Doc("The field with the text") @Default("text") String target,
      @Doc("What training makes small; auto is ctc") @Default("auto") Auto<Loss> loss)
      implements OfOneHead {
    public Transcription {
      only(loss, "ctc", Loss.Ctc.class);
      if (loss instanceof Auto.Chosen<Loss>(Loss.Ctc(int blank, boolean _)) && blank != 0) {
        throw new InvalidSetting("loss", "ctc with blank " + blank, "blank 0");
      }
    }
  }

  @Doc("A text from another, such as a translation; the network is an encoder-decoder")
  record SequenceToSequence(
      @Doc("The field with the text that is learnt") @Default("target") String target,
      @Doc("How many pieces its byte-level BPE has")
          @Default("8000")
          @Range(min = 259, max = 1_000_000)
          int size,
      @Doc(
              "The field of the text that it is made from, for one vocabulary of both; none has its own")
          @Default("none")
          Optional<String> joint,
      @Doc("Most pieces of a text, its end included") @Default("128") @Range(min = 2, max = 65_535)
          int length,
      @Doc("Beginnings that beam search keeps; 1 is greedy")
          @Default("5")
          @Range(min = 1, max = 100)
          int beams,
      @Doc("α of the length penalty: 0 prefers short answers (Wu et al. 2016)")
          @Default("0.6")
          @Range(min = 0, max = 10)
          double lengthPenalty,
      @Doc("What training makes small; auto is cross-entropy") @Default("auto") Auto<Loss> loss)
      implements TaskConfig {
    public SequenceToSequence {
      only(loss, "cross-entropy", Loss.CrossEntropy.class);
    }

    @Override
    public List<String> targets() {
      return List.of(target);
    }
  }

  @Doc("Items for a user, learnt of what users took; the network is a factorisation")
  record Recommendation(
      @Doc("The field with the user, which the inputs hold") @Default("user") String user,
      @Doc("The field with the item") @Default("item") String item,
      @Doc("Which rows say that an item was liked; none takes all of them") @Default("none")
          Optional<Liked> liked,
      @Doc("Items that the user did not take, drawn evenly beside each that was liked")
          @Default("32")
          @Range(min = 1, max = 10_000)
          int negatives,
      @Doc("How many items are told where a user is judged; the first one decides")
          @Default("[10, 20]")
          @Range(min = 1, max = 100)
          List<Integer> cuts,
      @Doc("What training makes small: auto is bpr; cross-entropy is softmax over what was drawn")
          @Default("auto")
          Auto<Loss> loss)
      implements TaskConfig {
    public Recommendation {
      cuts = List.copyOf(cuts);
      if (cuts.isEmpty()) {
        throw new InvalidSetting("cuts", "an empty list", "at least one number");
      }
      only(loss, "bpr or cross-entropy", Loss.Bpr.class, Loss.CrossEntropy.class);
    }

    @Override
    public List<String> targets() {
      return liked.map(field -> List.of(item, field.field())).orElse(List.of(item));
    }

    /** The user alone: a request has nothing else. */
    @Override
    public List<FeatureConfig> inputs(ExampleSet shown, int[] training) {
      return List.of(FeatureConfig.Categories.of(List.of(user)));
    }
  }

  @Doc("A number by which a row says that an item was liked, such as a rating")
  record Liked(
      @Doc("The field with the number") String field,
      @Doc("Liked from this number up") double from) {}

  @Doc("The order of a query's documents; a batch counts queries")
  record Ranking(
      @Doc("The field with the relevance: 0 for none, else how much") String target,
      @Doc("The field by which documents are of one query") String query,
      @Doc("How many documents count where a query is judged; the first one decides")
          @Default("[10, 5]")
          @Range(min = 1, max = 1000)
          List<Integer> cuts,
      @Doc("What training makes small; auto is lambdarank") @Default("auto") Auto<Loss> loss)
      implements TaskConfig {
    public Ranking {
      cuts = List.copyOf(cuts);
      if (cuts.isEmpty()) {
        throw new InvalidSetting("cuts", "an empty list", "at least one number");
      }
      only(loss, "lambdarank or listnet", Loss.LambdaRank.class, Loss.ListNet.class);
    }

    @Override
    public List<String> targets() {
      return List.of(target, query);
    }
  }

  @Doc("An answer that stands in a text; the model is a pretrained encoder")
  record SpanAnswering(
      @Doc("The field with the question") @Default("question") String question,
      @Doc("The field with the text in which the answer stands") @Default("context") String context,
      @Doc("The field with the answer, or with several that are right; none for no answer")
          @Default("answers")
          String target,
      @Doc("The field with each answer's first character, from 0; none looks the answer up")
          @Default("none")
          Optional<String> start,
      @Doc("Most tokens of an answer") @Default("30") @Range(min = 1, max = 65_535) int longest,
      @Doc("First and last tokens that are looked at, so many each")
          @Default("20")
          @Range(min = 1, max = 1000)
          int candidates,
      @Doc("Whether a question may have no answer") @Default("false") boolean unanswerable,
      @Doc("By how much no answer must score more than the best one to be told")
          @Default("0")
          @Range(min = -1000, max = 1000)
          double threshold,
      @Doc("What training makes small; auto is cross-entropy") @Default("auto") Auto<Loss> loss)
      implements TaskConfig {
    public SpanAnswering {
      only(loss, "cross-entropy", Loss.CrossEntropy.class);
    }

    @Override
    public List<String> targets() {
      return start.map(field -> List.of(target, field)).orElse(List.of(target));
    }

    /** Windows over the text that are a third in common, as BERT's authors had them. */
    @Override
    public List<FeatureConfig> inputs(ExampleSet shown, int[] training) {
      return List.of(
          new FeatureConfig.Tokens(
              Optional.of(question),
              Optional.of(context),
              384,
              Keep.BEGINNING,
              false,
              Optional.of(128),
              FeatureConfig.Tokens.OF_MODEL,
              "input_ids"));
    }
  }

  @Doc("Vectors that are near for texts that belong together; the model is a pretrained encoder")
  record Contrastive(
      @Doc("The field with the query") @Default("anchor") String anchor,
      @Doc("The field with the text that belongs to it") @Default("positive") String positive,
      @Doc("The field with a text that does not; none takes the batch's others alone")
          @Default("none")
          Optional<String> negative,
      @Doc("Most tokens of a text; auto is what the model's folder says")
          @Default("auto")
          @Range(min = 4, max = 65_536)
          Auto<Integer> length,
      @Doc("How many texts are looked at where a query is judged; the first one decides")
          @Default("[10, 1]")
          @Range(min = 1, max = 1000)
          List<Integer> cuts,
      @Doc("What training makes small; auto is info-nce of temperature 0.05 over the batch")
          @Default("auto")
          Auto<Loss> loss)
      implements TaskConfig {
    public Contrastive {
      cuts = List.copyOf(cuts);
      if (cuts.isEmpty()) {
        throw new InvalidSetting("cuts", "an empty list", "at least one number");
      }
      only(loss, "info-nce or triplet", Loss.InfoNce.class, Loss.Triplet.class);
      if (loss instanceof Auto.Chosen<Loss>(Loss.Triplet _) && negative.isEmpty()) {
        throw new InvalidSetting("loss", "triplet without negatives", "a field of negatives");
      }
    }

    /** The texts that are learnt, the query's first. */
    public List<String> texts() {
      List<String> texts = new ArrayList<>(List.of(anchor, positive));
      negative.ifPresent(texts::add);
      return texts;
    }

    @Override
    public List<String> targets() {
      return List.of(positive);
    }

    @Override
    public List<FeatureConfig> inputs(ExampleSet shown, int[] training) {
      return inputs(128);
    }

    /**
     * An input of each text.
     *
     * @param most tokens where the recipe doesn't say
     */
    public List<FeatureConfig> inputs(int most) {
      List<FeatureConfig> inputs = new ArrayList<>();
      for (String text : texts()) {
        inputs.add(
            new FeatureConfig.Tokens(
                Optional.of(text),
                Optional.empty(),
                length.orElse(most),
                Keep.BEGINNING,
                false,
                Optional.empty(),
                FeatureConfig.Tokens.OF_MODEL,
                text));
      }
      return inputs;
    }
  }

  @Doc("Several tasks at once: a network with a head for each")
  record MultiTask(@Doc("The tasks") List<Head> heads) implements TaskConfig {
    public MultiTask {
      heads = List.copyOf(heads);
      Set<String> names = new HashSet<>();
      for (Head head : heads) {
        if (!names.add(head.name)) {
          throw new InvalidSetting("heads", "two heads named " + head.name, "names that differ");
        }
      }
      if (heads.isEmpty()) {
        throw new InvalidSetting("heads", "an empty list", "at least one head");
      }
    }

    @Override
    public List<String> targets() {
      return heads.stream().map(head -> head.task.target()).distinct().toList();
    }
  }

  /** One of several tasks. */
  record Head(
      @Doc("The network's output that answers it") String name,
      @Doc("What it is") OfOneHead task,
      @Doc("How much its loss counts beside the others") @Default("1") @Range(min = 0, max = 1e6)
          double weight) {
    public Head {
      // It is part of a file's name.
      if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")) {
        throw new InvalidSetting("name", name, "letters, digits, dots, - and _, at most 64");
      }
    }
  }

  private static void only(Auto<Loss> loss, String expected, Class<?>... kinds) {
    if (loss instanceof Auto.Chosen<Loss>(Loss chosen)) {
      for (Class<?> kind : kinds) {
        if (kind.isInstance(chosen)) {
          return;
        }
      }
      throw new InvalidSetting("loss", "a loss that does not fit the task", "auto or " + expected);
    }
  }
}
