package dev.slipway.data.media;

import dev.slipway.data.example.Field;
import dev.slipway.data.picture.Pictures;
import dev.slipway.data.sound.Sounds;
import java.util.List;

/** What a folder is searched for. */
enum MediaKind {
  PICTURE(Field.Kind.PICTURE, List.of("jpg", "jpeg", "jpe", "jfif", "png", "gif", "bmp")),
  SOUND(Field.Kind.SOUND, List.of("wav", "wave", "flac"));

  private final Field.Kind kind;
  private final List<String> endings;

  MediaKind(Field.Kind kind, List<String> endings) {
    this.kind = kind;
    this.endings = endings;
  }

  /** {@code picture} or {@code sound}. */
  Field field() {
    return new Field(word(), kind);
  }

  String word() {
    return this == PICTURE ? "picture" : "sound";
  }

  List<String> endings() {
    return endings;
  }

  /**
   * Refuses what can't be decoded.
   *
   * @throws dev.slipway.base.SlipwayException says why
   */
  void check(byte[] content, String name) {
    if (this == PICTURE) {
      Pictures.check(content, name);
    } else {
      Sounds.check(content, name);
    }
  }
}
