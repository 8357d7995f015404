import { boolean, duration, integer, number, section, type SectionValue } from '@orbit-ts/base'

/** `[placement]`. */
export const placementSettings = section(
  {
    enabled: boolean({
      default: true,
      doc: 'Whether this server watches the clusters that its providers are on.',
    }),
    intervalMs: duration({
      unit: 's',
      key: 'interval',
      default: '30s',
      minMs: 1000,
      maxMs: 24 * 3_600_000,
      doc: 'The pause between two rounds: each asks PD for the regions, the servers and the safe points, and the directory for the nodes.',
    }),
    regionsMax: integer({
      min: 1,
      max: 10_000_000,
      default: 100_000,
      doc: 'Regions of one cluster that a round looks at; figures of regions are left out where there are more.',
    }),
    benefitMin: number({
      min: 0,
      max: 1,
      default: 0.05,
      doc: 'By how much the score of an actor has to rise more than its move costs.',
    }),
    moveCost: number({ min: 0, max: 1, default: 0.02, doc: 'What any move of an actor costs, as score.' }),
    confirmRounds: integer({
      min: 1,
      max: 1000,
      default: 2,
      doc: 'In how many rounds on end a move has to be the best.',
    }),
    restRounds: integer({
      min: 0,
      max: 10_000,
      default: 4,
      doc: 'How many rounds an actor rests after its first move.',
    }),
    nodeLoadMax: number({
      min: 0,
      max: 1,
      default: 0.85,
      doc: 'No actor is moved to a node that would be busier with it than this.',
    }),
    movesMax: integer({ min: 1, max: 1_000_000, default: 100, doc: 'Moves in one round.' }),
  },
  { doc: 'Where actors run, and where the regions of their keys are. Of use with TiKV only.' },
)

export type PlacementSettings = SectionValue<typeof placementSettings>
