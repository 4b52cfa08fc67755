package dev.slipway.task;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.example.Draw;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.Values;
import dev.slipway.data.feature.Columns;
import dev.slipway.data.feature.EncodedIds;
import dev.slipway.data.feature.Fields;
import dev.slipway.data.source.DropReason;
import dev.slipway.data.source.Dropped;
import dev.slipway.model.Network;
import dev.slipway.model.factorisation.Factorisation;
import dev.slipway.nn.InputShape;
import dev.slipway.nn.Inputs;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Items for a user, learnt of what users took. An example is a pair of a user and an item that was
 * liked; beside it stand items drawn evenly from those that the user did not take, by (seed, epoch,
 * example). Answers leave out what a user took, whether it was liked or not, and a user of whom
 * nothing is known is told what is popular.
 *
 * @param user the field with the user
 * @param item the field with the item
 * @param liked which rows say that an item was liked; null for all of them
 * @param items names in the order of the network's scores
 * @param likes how many users liked each item
 * @param taken what each known user took, users by their names' characters
 * @param negatives how many items are drawn beside a liked one
 * @param cuts how many items are looked at where a user is judged
 */
public record Recommendation(
    String user,
    String item,
    TaskConfig.@Nullable Liked liked,
    List<String> items,
    int[] likes,
    List<Taken> taken,
    int negatives,
    List<Integer> cuts)
    implements Task {
  /** How many items an answer holds at most. */
  static final int MOST = 100;

  /** Of {@link Draw}'s streams; augmentation has the first ones. */
  private static final int STREAM = 1 << 20;

  /** A negative that was taken is drawn again so often; nearly all items are then taken. */
  private static final int TRIES = 100;

  private static final Comparator<Taken> BY_USER = Comparator.comparing(Taken::user);

  /**
   * What a user took.
   *
   * @param items indices, rising
   */
  public record Taken(String user, int[] items) {}

  public Recommendation {
    items = List.copyOf(items);
    taken = List.copyOf(taken);
    cuts = List.copyOf(cuts);
  }

  static Recommendation fit(TaskConfig.Recommendation config, ExampleSet examples, int[] training) {
    Recommendation none =
        new Recommendation(
            config.user(),
            config.item(),
            config.liked().orElse(null),
            List.of(),
            new int[0],
            List.of(),
            config.negatives(),
            config.cuts());
    none.checkFields(examples);
    List<String> items = List.copyOf(ClassNames.counts(examples, config.item(), training).keySet());
    int[] likes = new int[items.size()];
    Map<String, Integer> places = ClassNames.places(items);
    var names = Columns.words(examples, config.item());
    int count = 0;
    for (int example : training) {
      Integer place = places.get(String.valueOf(names.apply(example)));
      if (place != null && none.isLiked(examples, example)) {
        likes[place]++;
        count++;
      }
    }
    if (count == 0) {
      throw TaskFitting.noTarget("liked " + config.item(), training.length);
    }
    if (items.size() < 2) {
      throw new SlipwayException(
          Exit.INPUT,
          "task.one-item",
          config.item() + " is " + items.getFirst() + " in every training example",
          "give examples of at least two items");
    }
    return new Recommendation(
            none.user, none.item, none.liked, items, likes, List.of(), none.negatives, none.cuts)
        .knowing(examples, training);
  }

  /** The same, to which is known what these examples say that users took. */
  Recommendation knowing(ExampleSet examples, int[] members) {
    Map<String, Integer> places = ClassNames.places(items);
    TreeMap<String, TreeSet<Integer>> all = new TreeMap<>();
    for (Taken one : taken) {
      TreeSet<Integer> set = new TreeSet<>();
      Arrays.stream(one.items).forEach(set::add);
      all.put(one.user, set);
    }
    var users = Columns.words(examples, user);
    var names = Columns.words(examples, item);
    for (int example : members) {
      @Nullable String who = users.apply(example);
      @Nullable String what = names.apply(example);
      Integer place = what == null ? null : places.get(what);
      if (who != null && place != null) {
        all.computeIfAbsent(who, _ -> new TreeSet<>()).add(place);
      }
    }
    List<Taken> more = new ArrayList<>();
    all.forEach(
        (who, set) -> more.add(new Taken(who, set.stream().mapToInt(Integer::intValue).toArray())));
    return new Recommendation(user, item, liked, items, likes, more, negatives, cuts);
  }

  private void checkFields(ExampleSet examples) {
    Fields.named(examples, user, Field.Kind.TEXT, Field.Kind.NUMBER, Field.Kind.LABELS);
    Fields.named(examples, item, Field.Kind.TEXT, Field.Kind.NUMBER, Field.Kind.LABELS);
    if (liked != null) {
      Fields.named(examples, liked.field(), Field.Kind.NUMBER);
    }
  }

  private boolean isLiked(ExampleSet examples, int example) {
    return liked == null || Columns.number(examples.value(example, liked.field())) >= liked.from();
  }

  /** What a user took, as indices, rising; null where nothing is known of the user. */
  int @Nullable [] takenBy(@Nullable String name) {
    if (name == null) {
      return null;
    }
    int place = Collections.binarySearch(taken, new Taken(name, new int[0]), BY_USER);
    return place < 0 ? null : taken.get(place).items;
  }

  @Override
  public List<String> fields() {
    return liked == null ? List.of(item) : List.of(item, liked.field());
  }

  @Override
  public List<Head> heads() {
    return List.of(new Head(Network.OUTPUT, 1 + negatives, false, items.size() + " items"));
  }

  /** The liked item is the first of the candidates. */
  @Override
  public SequencedMap<String, Encoded> targets(ExampleSet examples) {
    SequencedMap<String, Encoded> one = new LinkedHashMap<>();
    one.put(
        Network.OUTPUT,
        new EncodedIds(InputShape.ids(Network.OUTPUT, 1 + negatives), new int[examples.size()]));
    return one;
  }

  /** The liked item and those drawn beside it. */
  @Override
  public SequencedMap<String, Encoded> taught(ExampleSet examples) {
    checkFields(examples);
    Map<String, Integer> places = ClassNames.places(items);
    var users = Columns.words(examples, user);
    var names = Columns.words(examples, item);
    Map<String, int[]> byUser = new HashMap<>();
    taken.forEach(one -> byUser.put(one.user, one.items));
    int[] liking = new int[examples.size()];
    int[][] known = new int[examples.size()][];
    for (int i = 0; i < liking.length; i++) {
      @Nullable String what = names.apply(i);
      liking[i] = what == null ? 0 : places.getOrDefault(what, 0);
      known[i] = byUser.getOrDefault(String.valueOf(users.apply(i)), new int[0]);
    }
    SequencedMap<String, Encoded> one = new LinkedHashMap<>();
    one.put(
        Factorisation.CANDIDATES,
        new DrawnItems(
            InputShape.ids(Factorisation.CANDIDATES, items.size(), 1L + negatives), liking, known));
    return one;
  }

  /**
   * An item and others drawn beside it.
   *
   * @param items of each example
   * @param known by example: items that are not drawn, rising
   */
  private record DrawnItems(InputShape shape, int[] items, int[][] known) implements Encoded {
    @Override
    public Values gather(int[] examples, Draw @Nullable [] draws) {
      int width = shape.sizes().getFirst().intValue();
      int all = shape.cardinalities().getFirst();
      int[] ids = new int[Math.multiplyExact(examples.length, width)];
      for (int row = 0; row < examples.length; row++) {
        int example = examples[row];
        // Judged by the same draw every time.
        Draw draw = draws == null ? new Draw(0, 0, example) : draws[row];
        var random = draw.random(STREAM);
        ids[row * width] = items[example];
        for (int i = 1; i < width; i++) {
          int drawn = random.nextInt(all);
          for (int again = 0; again < TRIES && isKnown(example, drawn); again++) {
            drawn = random.nextInt(all);
          }
          ids[row * width + i] = drawn;
        }
      }
      return new Values.Ids(ids, new long[] {examples.length, width}, new int[0]);
    }

    private boolean isKnown(int example, int item) {
      return item == items[example] || Arrays.binarySearch(known[example], item) >= 0;
    }
  }

  @Override
  public IntFunction<Optional<Dropped>> problems(ExampleSet examples) {
    IntFunction<Optional<Dropped>> ofItem = ClassNames.problems(item, items, examples);
    return example -> {
      if (Columns.word(examples.value(example, user)) == null) {
        return Optional.of(new Dropped(DropReason.VALUE_MISSING, user));
      }
      if (liked != null) {
        double number = Columns.number(examples.value(example, liked.field()));
        if (!Double.isFinite(number)) {
          return Optional.of(new Dropped(DropReason.TARGET_MISSING, liked.field()));
        }
        if (number < liked.from()) {
          return Optional.of(new Dropped(DropReason.NOT_LIKED, liked.field()));
        }
      }
      return ofItem.apply(example);
    };
  }

  /**
   * The items of the highest scores for each row's user, without what the user took.
   *
   * @throws SlipwayException {@code task.not-factorisation} for another network
   */
  @Override
  public List<Answer> predict(Network network, Inputs inputs, ExampleSet examples, int[] rows) {
    if (!(network instanceof Factorisation factorisation)) {
      throw new SlipwayException(
          Exit.USAGE,
          "task.not-factorisation",
          "items are recommended by a factorisation, and this network is none",
          "write model: { factorisation: {} }");
    }
    var names = Columns.words(examples, user);
    Map<String, Answer> answers = new HashMap<>();
    List<Answer> byRow = new ArrayList<>();
    try (NoGrad _ = NoGrad.open()) {
      Tensor users = factorisation.users(inputs); // (B)
      long[] ids = users.toLongs();
      for (int row = 0; row < rows.length; row++) {
        String name = String.valueOf(names.apply(rows[row]));
        int place = row;
        byRow.add(
            answers.computeIfAbsent(
                name,
                _ -> {
                  int[] known = takenBy(name);
                  return known == null || ids[place] == 0
                      ? popular(known)
                      : best(
                          factorisation.allItems(users.narrow(0, place, 1)).toDoubles(),
                          known,
                          false);
                }));
      }
    }
    return byRow;
  }

  /** What is popular, as shares of all known users. */
  Answer.Recommended popular(int @Nullable [] known) {
    double[] shares = Arrays.stream(likes).mapToDouble(n -> (double) n / taken.size()).toArray();
    return best(shares, known == null ? new int[0] : known, true);
  }

  /** The highest scores; of equal ones the first item. */
  static Answer.Recommended best(double[] scores, int[] known, boolean byPopularity) {
    Comparator<Integer> best = Comparator.comparingDouble(i -> -scores[i]);
    // The worst of the best so far first: a catalogue is long, an answer short.
    Queue<Integer> kept =
        new PriorityQueue<>(MOST + 1, best.thenComparing(Comparator.naturalOrder()).reversed());
    for (int item = 0; item < scores.length; item++) {
      Integer worst = kept.peek();
      boolean fits = worst == null || kept.size() < MOST || scores[item] > scores[worst];
      if (fits && Arrays.binarySearch(known, item) < 0) {
        kept.add(item);
        if (kept.size() > MOST) {
          kept.remove();
        }
      }
    }
    int[] order =
        kept.stream()
            .sorted(best.thenComparing(Comparator.naturalOrder()))
            .mapToInt(Integer::intValue)
            .toArray();
    return new Answer.Recommended(
        order, Arrays.stream(order).mapToDouble(i -> scores[i]).toArray(), byPopularity);
  }

  /** One row a user, in the order of their first examples. */
  @Override
  public Predictions predictions(ExampleSet examples, int[] members, List<Answer> answers) {
    var users = Columns.words(examples, user);
    var names = Columns.words(examples, item);
    SequencedMap<String, List<Integer>> rows = new LinkedHashMap<>();
    for (int row = 0; row < members.length; row++) {
      rows.computeIfAbsent(String.valueOf(users.apply(members[row])), _ -> new ArrayList<>())
          .add(row);
    }
    List<List<String>> truth = new ArrayList<>();
    List<List<String>> told = new ArrayList<>();
    rows.forEach(
        (_, own) -> {
          truth.add(
              own.stream()
                  .map(row -> String.valueOf(names.apply(members[row])))
                  .distinct()
                  .toList());
          told.add(names(((Answer.Recommended) answers.get(own.getFirst())).items()));
        });
    int[][] grouped = Ranking.arrays(rows);
    return new Predictions.Recommended(
        Arrays.stream(grouped).mapToInt(own -> members[own[0]]).toArray(),
        grouped,
        List.copyOf(rows.keySet()),
        truth,
        told,
        cuts.stream().mapToInt(Integer::intValue).toArray());
  }

  private List<String> names(int[] places) {
    return Arrays.stream(places).mapToObj(items::get).toList();
  }

  /**
   * What yardsticks score is made an answer as the model's scores are.
   *
   * @param scores of all items for each user of {@code asked}
   * @return names, the best first
   */
  public List<List<String>> told(List<String> asked, IntFunction<double[]> scores) {
    return IntStream.range(0, asked.size())
        .mapToObj(
            i -> {
              int[] known = takenBy(asked.get(i));
              return names(
                  best(scores.apply(i), known == null ? new int[0] : known, false).items());
            })
        .toList();
  }

  @Override
  public ObjectNode json(Answer answer, ExampleSet request, int example, int top) {
    Answer.Recommended told = (Answer.Recommended) answer;
    ObjectNode json = Json.object();
    ArrayNode list = json.putArray("items");
    for (int i = 0; i < Math.clamp(top, 0, told.items().length); i++) {
      list.addObject().put("item", items.get(told.items()[i])).put("score", told.scores()[i]);
    }
    return json.put("by", told.byPopularity() ? "popularity" : "model");
  }

  @Override
  public ObjectNode answerSchema() {
    SequencedMap<String, ObjectNode> one = new LinkedHashMap<>();
    one.put("item", Heads.type("string"));
    one.put("score", Heads.type("number"));
    SequencedMap<String, ObjectNode> properties = new LinkedHashMap<>();
    properties.put("items", Heads.listOf(Heads.schema(one)));
    properties.put("by", Heads.oneOf(List.of("model", "popularity")));
    return Heads.schema(properties);
  }
}
