package dev.slipway.base.binding;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The key that a value stands for when it is given alone, of a record none of whose keys is
 * required: {@code max-pool2d: 2}. A record's only key, or the only one required, needs no mark.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Main {}
