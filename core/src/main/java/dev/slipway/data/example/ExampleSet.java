package dev.slipway.data.example;

import dev.slipway.data.SplitName;
import dev.slipway.data.source.Dropped;
import java.util.List;
import java.util.Optional;

/**
 * All examples of an opened source, in a stable order. What is small is in memory by column; the
 * content of pictures and sounds is read when it is asked for. Safe for several threads at once.
 */
public interface ExampleSet extends AutoCloseable {
  int size();

  /** Stable and unique: {@code train/cats/17.jpg}, {@code row-42}. */
  String id(int example);

  /** Where it came from, in bytes; the sum over all examples and dropped ones is the input's. */
  long bytes(int example);

  List<Field> fields();

  /**
   * One value; a file's content is read now.
   *
   * @throws dev.slipway.base.SlipwayException if the content cannot be read
   */
  Value value(int example, String field);

  /** A whole column of numbers, NaN where missing, for a field of {@link Field.Kind#NUMBER}. */
  default double[] numbers(String field) {
    double[] numbers = new double[size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = value(i, field) instanceof Value.Number(double number) ? number : Double.NaN;
    }
    return numbers;
  }

  /**
   * A column of texts that come again and again, where the set holds it so. Its arrays are the
   * set's own: not to be changed.
   */
  default Optional<CodedTexts> coded(String field) {
    return Optional.empty();
  }

  /** The split that the source itself puts it in, such as by a folder {@code test/}. */
  Optional<SplitName> given(int example);

  /** Records that could not be taken, for the ledger. */
  List<DroppedExample> dropped();

  @Override
  void close();

  /**
   * Each different text once.
   *
   * @param codes index into the texts by example, −1 where missing
   */
  record CodedTexts(int[] codes, List<String> texts) {}

  /** A record that is not among the examples, and why. */
  record DroppedExample(String id, long bytes, Dropped problem) {}
}
