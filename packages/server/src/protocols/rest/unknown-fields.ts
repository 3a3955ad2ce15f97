/**
 * For objects in request bodies: fields that a schema does not name are dropped before the handler sees the
 * body. (Answers may then be sent back changed, with everything in them that is read only.)
 */
export const UNKNOWN_FIELDS_IGNORED = { additionalProperties: false } as const
