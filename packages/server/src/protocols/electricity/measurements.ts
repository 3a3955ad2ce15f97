/** What the meter measures, in the order of the columns of its CSV and of the table `consumpdata`. */
export const MEASUREMENTS = [
  { name: 'energy', unit: 'kWh' },
  { name: 'reactive_energy', unit: 'kVArh' },
  { name: 'power', unit: 'kW' },
  { name: 'maximeter', unit: 'kW' },
  { name: 'reactive_power', unit: 'kVAr' },
  { name: 'voltage', unit: 'V' },
  { name: 'intensity', unit: 'A' },
  { name: 'power_factor', unit: '' },
] as const
