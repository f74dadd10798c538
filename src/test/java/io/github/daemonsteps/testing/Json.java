package io.github.daemonsteps.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;
import java.util.Map;

/** Reads JSON strictly: what the command writes must be JSON to the last character. */
public final class Json {

    private static final JsonMapper STRICT = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS, DeserializationFeature.USE_LONG_FOR_INTS)
            .build();

    private Json() {
    }

    /** Reads an object. Its members keep their order, and an integer is a {@link Long}. */
    public static Map<String, Object> object(String json) throws JsonProcessingException {
        return STRICT.readValue(json, new TypeReference<>() {});
    }

    /** Reads an array of objects. */
    public static List<Map<String, Object>> objects(String json) throws JsonProcessingException {
        return STRICT.readValue(json, new TypeReference<>() {});
    }

    /** Returns a member that is an object. */
    @SuppressWarnings("unchecked")
    public static Map<String, Object> member(Map<String, Object> object, String name) {
        return (Map<String, Object>) object.get(name);
    }
}
