package dev.slipway.base.binding;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * YAML 1.2 (and so JSON) to {@link Node}s with places. Reads from the parser's events, so that
 * nothing in a document can name a Java type; size, depth and what aliases blow up to are bounded.
 */
public final class YamlReader {
  private static final int MAX_BYTES = 1 << 20;
  private static final int MAX_DEPTH = 50;
  private static final int MAX_NODES = 20_000;

  /** A document and the mistakes that the reading itself found. */
  public record Document(Node root, List<Problem> problems) {}

  private final Function<Mark, Place> places;
  private final Place start;
  private final List<Problem> problems = new ArrayList<>();
  private final Map<Anchor, Anchored> anchors = new HashMap<>();
  private int nodes;

  private record Anchored(Node node, int size) {}

  private YamlReader(Function<Mark, Place> places, Place start) {
    this.places = places;
    this.start = start;
  }

  /** The file's name, as given, is what errors call it. */
  public static Document read(Path file) {
    return parse(content(file), file.toString());
  }

  public static Document parse(String text, String source) {
    return new YamlReader(
            mark -> new Place(source, mark.getLine() + 1, mark.getColumn() + 1),
            new Place(source, 1, 1))
        .document(text);
  }

  /** A value on the command line. */
  static Document parseOption(String text, String option) {
    Place place = Place.option(option);
    return new YamlReader(_ -> place, place).document(text);
  }

  private static String content(Path file) {
    try {
      if (Files.isRegularFile(file) && Files.size(file) > MAX_BYTES) {
        throw unreadable(
            file + " has " + Files.size(file) + " bytes, expected at most " + MAX_BYTES,
            "check that it is the document that you meant",
            null);
      }
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (NoSuchFileException e) {
      throw new SlipwayException(
          Exit.INPUT,
          "yaml.missing",
          "there is no file " + file + ", expected a YAML document",
          "check the path",
          e);
    } catch (CharacterCodingException e) {
      throw unreadable(file + " is not UTF-8, expected a YAML document", "save it as UTF-8", e);
    } catch (IOException e) {
      throw unreadable(
          file + " can't be read (" + e + "), expected a YAML document",
          "check that it is a file and that you may read it",
          e);
    }
  }

  private static SlipwayException unreadable(
      String sentence, String fix, @Nullable Throwable cause) {
    return new SlipwayException(Exit.INPUT, "yaml.unreadable", sentence, fix, cause);
  }

  private Document document(String text) {
    LoadSettings settings = LoadSettings.builder().setCodePointLimit(MAX_BYTES).build();
    try {
      Iterator<Event> events = new Parse(settings).parseString(text).iterator();
      Node root = null;
      while (events.hasNext()) {
        Event event = events.next();
        switch (event.getEventId()) {
          case Scalar, SequenceStart, MappingStart, Alias -> {
            if (root != null) {
              throw failure(place(event), "a second document", "one document");
            }
            root = node(event, events, 0);
          }
          default -> {}
        }
      }
      boolean empty = root == null || (root instanceof Node.Scalar scalar && scalar.isNull());
      if (root == null || (empty && !start.isOption())) {
        if (!start.isOption()) {
          throw failure(start, "nothing", "a document");
        }
        root = new Node.Scalar(start, "", Node.Style.PLAIN);
      }
      return new Document(root, List.copyOf(problems));
    } catch (MarkedYamlEngineException e) {
      Place place = e.getProblemMark().map(places).orElse(start);
      throw Problem.exception(
          "yaml.malformed",
          start.source(),
          List.of(
              new Problem(place, "", e.getProblem().strip(), "YAML", "check brackets and quotes")));
    } catch (YamlEngineException e) {
      String why = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      throw failure(start, why, "YAML of printable characters, at most " + MAX_BYTES);
    }
  }

  private SlipwayException failure(Place place, String came, String expected) {
    return Problem.exception(
        "yaml.malformed", start.source(), List.of(new Problem(place, "", came, expected, "")));
  }

  private Place place(Event event) {
    return event.getStartMark().map(places).orElse(start);
  }

  private Node node(Event event, Iterator<Event> events, int depth) {
    if (depth > MAX_DEPTH) {
      throw failure(place(event), "more than " + MAX_DEPTH + " levels", "fewer");
    }
    int before = nodes;
    count(1, event);
    Node node =
        switch (event) {
          case AliasEvent alias -> {
            Anchored anchored = anchors.get(alias.getAlias());
            if (anchored == null) {
              throw failure(
                  place(event), "an alias *" + alias.getAlias(), "the name of an anchor above it");
            }
            count(anchored.size, event);
            yield anchored.node;
          }
          case ScalarEvent scalar -> {
            refuseTag(scalar.getTag(), event);
            yield new Node.Scalar(
                place(event),
                scalar.getValue(),
                scalar.isPlain() ? Node.Style.PLAIN : Node.Style.QUOTED);
          }
          case SequenceStartEvent sequence -> {
            refuseTag(sequence.getTag(), event);
            yield new Node.Sequence(place(event), items(events, depth));
          }
          case MappingStartEvent mapping -> {
            refuseTag(mapping.getTag(), event);
            yield new Node.Mapping(place(event), entries(events, depth));
          }
          default -> throw new IllegalStateException("the parser gave " + event);
        };
    if (event instanceof NodeEvent named && !(event instanceof AliasEvent)) {
      named.getAnchor().ifPresent(a -> anchors.put(a, new Anchored(node, nodes - before)));
    }
    return node;
  }

  private void count(int more, Event event) {
    nodes += more;
    if (nodes > MAX_NODES) {
      throw failure(
          place(event), "more than " + MAX_NODES + " values, aliases written out", "fewer");
    }
  }

  private void refuseTag(Optional<String> tag, Event event) {
    tag.ifPresent(
        t ->
            problems.add(
                new Problem(
                    place(event), "", "the tag " + t, "no tags", "leave it out: types are known")));
  }

  private List<Node> items(Iterator<Event> events, int depth) {
    List<Node> items = new ArrayList<>();
    for (Event event = events.next();
        event.getEventId() != Event.ID.SequenceEnd;
        event = events.next()) {
      items.add(node(event, events, depth + 1));
    }
    return List.copyOf(items);
  }

  private List<Node.Entry> entries(Iterator<Event> events, int depth) {
    List<Node.Entry> entries = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (Event event = events.next();
        event.getEventId() != Event.ID.MappingEnd;
        event = events.next()) {
      Node key = node(event, events, depth + 1);
      Node value = node(events.next(), events, depth + 1);
      if (!(key instanceof Node.Scalar name)) {
        problems.add(new Problem(key.place(), "", key.described() + " as a key", "a word", ""));
      } else if (!seen.add(name.text())) {
        problems.add(
            new Problem(
                key.place(), "", "the key \"" + name.text() + "\" again", "each key once", ""));
      } else {
        entries.add(new Node.Entry(name.place(), name.text(), value));
      }
    }
    return List.copyOf(entries);
  }
}
