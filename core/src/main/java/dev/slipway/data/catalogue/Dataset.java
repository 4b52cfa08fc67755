package dev.slipway.data.catalogue;

import java.util.List;

/**
 * An official dataset.
 *
 * @param name what a recipe calls it
 * @param title for people
 * @param homepage where it is described
 * @param licence what its authors allow, and how sure that is
 * @param citation the work to cite
 * @param reading how the parts become examples
 */
public record Dataset(
    String name,
    String title,
    String homepage,
    String licence,
    String citation,
    Reading reading,
    List<Part> parts) {
  public Dataset {
    parts = List.copyOf(parts);
  }
}
