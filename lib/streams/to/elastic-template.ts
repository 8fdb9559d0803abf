import { DATA_STREAM } from './elastic';

const keyword = { type: 'keyword', ignore_above: 1024 } as const;

/**
 * The index template of a data stream for entries in the form `ecs`, for `PUT _index_template/audit-ledger` of Elasticsearch and
 * OpenSearch. What changes from application to application is text that is kept and not indexed by member.
 */
export function elasticTemplate(dataStream = DATA_STREAM): object {
  return {
    index_patterns: [dataStream],
    data_stream: {},
    priority: 500,
    template: {
      settings: { 'index.mapping.ignore_malformed': true },
      mappings: {
        dynamic_templates: [{ texts: { match_mapping_type: 'string', mapping: keyword } }],
        properties: {
          '@timestamp': { type: 'date' },
          message: { type: 'text' },
          event: {
            properties: {
              action: keyword,
              category: keyword,
              type: keyword,
              kind: keyword,
              outcome: keyword,
              id: keyword,
              hash: keyword,
              provider: keyword,
              dataset: keyword,
              sequence: { type: 'long' },
              severity: { type: 'long' },
              duration: { type: 'long' },
              created: { type: 'date' },
            },
          },
          organization: { properties: { id: keyword } },
          user: { properties: { id: keyword, name: keyword } },
          source: { properties: { ip: { type: 'ip' } } },
          audit: {
            properties: {
              id: keyword,
              prevHash: keyword,
              metadata: { type: 'text', index: false },
              before: { type: 'text', index: false },
              after: { type: 'text', index: false },
            },
          },
        },
      },
    },
  };
}
