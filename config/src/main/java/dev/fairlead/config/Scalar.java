package dev.fairlead.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// On a record that may also be written as one plain value: the key which that value then is.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@interface Scalar {
    String value();
}
